"""Run folders: one Parquet file per derived table, the manifest last, published by one rename."""
