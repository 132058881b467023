"""Lists: packed, answered, contested, recalled; the record of it."""
