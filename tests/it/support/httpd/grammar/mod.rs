//! Made-up cases (filled in next).
