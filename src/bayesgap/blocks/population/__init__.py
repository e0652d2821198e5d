"""Population: people by age and region, births, deaths and migration."""
