"""Sectors: jobs by industry and region, and their growth."""
