"""Parts of `./dev bench`: one module a section, and the page that they fill."""
