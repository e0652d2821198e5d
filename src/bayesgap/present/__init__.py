"""What every page uses: summary, tables, figures, labels, odds, words in two languages."""
