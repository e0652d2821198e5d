"""What events of scenarios do to people and jobs, as accounting."""
