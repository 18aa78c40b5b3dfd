//! Addresses and networks as access lists write them: prefixes of octets, CIDR, netmasks with holes, IPv6.
//!
//! Not here: sets of addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A network: an address matches when its bits under the mask are the network's (`apr_ipsubnet_t`). The mask may have holes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Address and mask, host bits cleared.
    V4(u32, u32),
    /// The same for IPv6.
    V6(u128, u128),
}

/// Why a text is no network, in the words of `apr_ipsubnet_create`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotANetwork {
    /// `APR_EINVAL`: it does not look like an address at all; a name, perhaps.
    #[error("not an address")]
    Name,
    /// `APR_EBADIP`.
    #[error("The specified IP address is invalid.")]
    Address,
    /// `APR_EBADMASK`.
    #[error("The specified network mask is invalid.")]
    Mask,
}

impl Network {
    /// Reads what stands in a list: an address or prefix, and a mask when there is a slash.
    ///
    /// # Errors
    /// Why it is no network.
    pub fn of(text: &[u8]) -> Result<Self, NotANetwork> {
        let text = std::str::from_utf8(text).map_err(|_e| NotANetwork::Name)?;
        match text.split_once('/') {
            Some((address, mask)) => Self::parse(address, Some(mask)),
            None => Self::parse(text, None),
        }
    }

    /// Reads `text`, and `mask` when something stood after a slash (`10.1.0.0/16`, `10.1.0.0/255.255.0.0`).
    ///
    /// # Errors
    /// Why it is no network. An IPv4 address in the dress of IPv6 (`::ffff:10.1.2.3`) is refused, as the server does.
    pub fn parse(text: &str, mask: Option<&str>) -> Result<Self, NotANetwork> {
        // Only digits and dots, or a colon somewhere: else it is a name (`looks_like_ip`).
        let looks_like_v4 = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !(looks_like_v4 || text.contains(':')) || text.is_empty() {
            return Err(NotANetwork::Name);
        }
        if let Ok(v6) = text.parse::<Ipv6Addr>() {
            if v6.to_ipv4_mapped().is_some() {
                return Err(NotANetwork::Address);
            }
            let mask = match mask {
                None => u128::MAX,
                Some(mask) => u128::MAX << (128 - number(mask, 128).ok_or(NotANetwork::Mask)?),
            };
            return Ok(Self::V6(u128::from(v6) & mask, mask));
        }
        let (address, mask) = match (text.parse::<Ipv4Addr>(), mask) {
            (Ok(address), None) => (u32::from(address), u32::MAX),
            (Ok(address), Some(mask)) => (u32::from(address), v4_mask(mask).ok_or(NotANetwork::Mask)?),
            // Prefixes are only understood where no mask says the same better.
            (Err(_), None) => octets(text).ok_or(NotANetwork::Address)?,
            (Err(_), Some(_)) => return Err(NotANetwork::Address),
        };
        Ok(Self::V4(address & mask, mask))
    }

    /// Whether `address` is in it. An IPv4-mapped IPv6 address counts as its IPv4 address, as it does for the server.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self, address.to_canonical()) {
            (Self::V4(network, mask), IpAddr::V4(a)) => u32::from(a) & mask == *network,
            (Self::V6(network, mask), IpAddr::V6(a)) => u128::from(a) & mask == *network,
            _ => false,
        }
    }
}

/// One to four octets, a dot after the last allowed, as address and mask (`parse_network`). Leading zeros mean nothing.
fn octets(text: &str) -> Option<(u32, u32)> {
    if text.len() > "255.255.255.255".len() {
        return None;
    }
    let (mut address, mut mask) = (0, 0);
    for (index, part) in text.strip_suffix('.').unwrap_or(text).split('.').enumerate() {
        let shift = 24_u32.checked_sub(8 * u32::try_from(index).ok()?)?;
        if !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let octet: u8 = part.parse().ok()?;
        address |= u32::from(octet) << shift;
        mask |= 0xff << shift;
    }
    Some((address, mask))
}

/// How many bits, or which.
fn v4_mask(mask: &str) -> Option<u32> {
    match number(mask, 32) {
        Some(bits) => Some(u32::MAX << (32 - bits)),
        None => mask.parse::<Ipv4Addr>().ok().map(u32::from),
    }
}

/// `strtol`, then a look whether it can be a number of bits.
fn number(mask: &str, most: u32) -> Option<u32> {
    let text = mask.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let digits = text.strip_prefix('+').unwrap_or(text);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|bits| (1..=most).contains(bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_masks_and_ipv6_contain_what_they_say() {
        for (network, address, inside) in [
            ("10.1", "10.1.2.3", true),
            ("10.1.", "10.1.2.3", true),
            ("10.2", "10.20.0.1", false),
            ("19", "192.168.1.5", false),
            ("010.01", "10.1.2.3", true),
            ("10.1.2.3.", "10.1.2.3", true),
            ("10.1.2.3/16", "10.1.200.1", true),
            ("10.0.2.0/255.0.255.0", "10.1.2.3", true),
            ("10.0.2.0/255.0.255.0", "10.1.3.3", false),
            ("10.1.0.0/16", "::ffff:10.1.2.3", true),
            ("2001:db8:1::/48", "2001:db8:1::77", true),
            ("2001:db8:1::/48", "2001:db8:2::77", false),
            ("2001:db8:1::77", "2001:db8:1::78", false),
            ("::/1", "10.1.2.3", false),
        ] {
            let parsed = Network::of(network.as_bytes()).unwrap();
            assert_eq!(parsed.contains(address.parse().unwrap()), inside, "{network} {address}");
        }
    }

    #[test]
    fn what_is_no_network_says_why() {
        for (text, why) in [
            ("", NotANetwork::Name),
            ("www.example.com", NotANetwork::Name),
            ("/16", NotANetwork::Name),
            (".", NotANetwork::Address),
            ("10..1", NotANetwork::Address),
            ("10.256.1.1", NotANetwork::Address),
            ("10.1.2.3.4", NotANetwork::Address),
            ("10.1/16", NotANetwork::Address),
            ("2001:db8:1", NotANetwork::Address),
            ("::ffff:10.1.2.3", NotANetwork::Address),
            ("10.0.0.0/0", NotANetwork::Mask),
            ("10.0.0.0/33", NotANetwork::Mask),
            ("10.0.0.0/", NotANetwork::Mask),
            ("10.0.0.0/-8", NotANetwork::Mask),
            ("10.0.0.0/255.0", NotANetwork::Mask),
            ("2001:db8::/129", NotANetwork::Mask),
        ] {
            assert_eq!(Network::of(text.as_bytes()), Err(why), "{text}");
        }
    }
}
