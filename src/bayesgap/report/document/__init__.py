"""The report for people: words in two languages, tables and pictures, three forms."""
