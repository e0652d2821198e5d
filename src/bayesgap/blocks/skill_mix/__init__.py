"""Skill mix: education within sectors, and its drift."""
