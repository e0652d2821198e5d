"""The run folder: its files are written whole, and read in parts."""
