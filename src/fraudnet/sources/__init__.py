"""Outside data to records: mapping file, one reader per format, quarantine ledger."""
