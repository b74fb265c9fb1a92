"""What several test modules share: builders, readers, processes. No test is here."""
