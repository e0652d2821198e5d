"""The offline page that shows every gap."""
