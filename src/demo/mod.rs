//! A whole site on loopback: an LDAP server, a photo web server, people, and planted faults.
