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
    /// Reads `text`, and `mask` when something stood after a slash (`10.1.0.0/16`, `10.1.0.0/255.255.0.0`).
    pub fn parse(text: &str, mask: Option<&str>) -> Result<Self, NotANetwork> {
        // Only digits and dots, or a colon somewhere: else it is a name (`looks_like_ip`).
        let looks_like_v4 = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !(looks_like_v4 || text.contains(':')) || text.is_empty() {
            return Err(NotANetwork::Name);
        }
        if let Ok(v6) = text.parse::<Ipv6Addr>() {
            let bits: u32 = match mask {
                None => 128,
                Some(mask) => number(mask, 128)?,
            };
            let mask = if bits == 0 { 0 } else { u128::MAX << (128 - bits) };
            if let Some(v4) = v6.to_ipv4_mapped()
                && bits >= 96
            {
                let mask = if bits == 96 { 0 } else { u32::MAX << (128 - bits) };
                return Ok(Self::V4(u32::from(v4) & mask, mask));
            }
            return Ok(Self::V6(u128::from(v6) & mask, mask));
        }
        if !looks_like_v4 {
            return Err(NotANetwork::Address);
        }
        let (address, octets) = octets(text).ok_or(NotANetwork::Address)?;
        let mask = match mask {
            None if octets == 0 => return Err(NotANetwork::Address),
            None => u32::MAX << (32 - 8 * octets),
            Some(_) if octets < 4 && !text.parse::<Ipv4Addr>().is_ok() => return Err(NotANetwork::Address),
            Some(mask) if mask.contains('.') => u32::from(mask.parse::<Ipv4Addr>().map_err(|_| NotANetwork::Mask)?),
            Some(mask) => {
                let bits = number(mask, 32)?;
                if bits == 0 { 0 } else { u32::MAX << (32 - bits) }
            }
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

/// One to four octets, a dot after the last allowed; the missing ones are 0. Gives how many there were.
fn octets(text: &str) -> Option<(u32, u32)> {
    let parts: Vec<&str> = text.strip_suffix('.').unwrap_or(text).split('.').collect();
    if parts.len() > 4 || parts.iter().any(|p| p.is_empty() || p.len() > 3) {
        return None;
    }
    let mut address = 0;
    for (index, part) in parts.iter().enumerate() {
        let octet: u8 = part.parse().ok()?;
        address |= u32::from(octet) << (24 - 8 * index);
    }
    Some((address, u32::try_from(parts.len()).ok()?))
}

fn number(mask: &str, most: u32) -> Result<u32, NotANetwork> {
    if !mask.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NotANetwork::Mask);
    }
    mask.parse().ok().filter(|bits| *bits <= most && *bits > 0).ok_or(NotANetwork::Mask)
}
