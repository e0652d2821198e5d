"""Figures from statistics banks, microdata and vintages, as tables of a data folder."""
