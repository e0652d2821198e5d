"""The report: HTML, PDF, Word; and exports of tables."""
