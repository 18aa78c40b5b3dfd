//! Running jobs and the journal, seen and undone.
