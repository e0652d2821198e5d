"""Education: levels and fields of residents, and of those who come."""
