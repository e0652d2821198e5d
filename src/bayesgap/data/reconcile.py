"""Base tables that nobody published, made by a documented reconciliation (never typed)."""

from bayesgap.data.ipf import Margin, ipf

__all__ = ["Margin", "ipf"]
