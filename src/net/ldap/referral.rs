//! Referrals (RFC 4511, 4.1.10): where they lead. Credentials follow only where the site says so, and never from TLS
//! to clear text.
