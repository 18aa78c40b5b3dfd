//! Just enough of BER (X.690) to read LDAP answers from strangers: definite lengths, one tag byte, nothing trusted.
//! A length is believed only as far as the bytes are there, so no number in a message can take memory or read past it.
//!
//! Writing is ldap3's part (`ldap3::asn1`).

use ldap3::asn1::{ASNTag, Integer, OctetString, PL, Sequence, StructureTag, Tag, TagClass, write};

/// Longest message that is read, in bytes. A person's photos fit several times.
pub(super) const MESSAGE_LIMIT: usize = 32 << 20;

/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// OCTET STRING.
pub(super) const OCTETS: u8 = 0x04;
/// ENUMERATED.
pub(super) const ENUMERATED: u8 = 0x0a;
/// SEQUENCE.
pub(super) const SEQUENCE: u8 = 0x30;
/// SET.
pub(super) const SET: u8 = 0x31;

/// The bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

/// Elements one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next element: its tag and its content; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u8, &'a [u8])>, Malformed> {
        let Some(tag) = self.0.first().copied() else { return Ok(None) };
        let (head, length) = header(self.0)?.ok_or(Malformed("an element is cut short"))?;
        let rest = &self.0[head..];
        if rest.len() < length {
            return Err(Malformed("an element is longer than what holds it"));
        }
        let (content, rest) = rest.split_at(length);
        self.0 = rest;
        Ok(Some((tag, content)))
    }

    /// The next element, which must have `tag`.
    pub(super) fn expect(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        match self.next()? {
            Some((found, content)) if found == tag => Ok(content),
            Some(_) => Err(Malformed("an element has another type than it should")),
            None => Err(Malformed("an element is missing")),
        }
    }

    /// The next element, a number that fits.
    pub(super) fn number(&mut self, tag: u8) -> Result<u32, Malformed> {
        let content = self.expect(tag)?;
        if content.is_empty() || content.len() > 5 || content[0] & 0x80 != 0 {
            return Err(Malformed("a number is out of range"));
        }
        let value = content.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        u32::try_from(value).map_err(|_too_large| Malformed("a number is out of range"))
    }
}

/// How long the whole message at the start of `bytes` is; `None` while that cannot be told.
pub(super) fn message_length(bytes: &[u8]) -> Result<Option<usize>, Malformed> {
    match bytes.first() {
        None => return Ok(None),
        Some(&SEQUENCE) => {}
        Some(_) => return Err(Malformed("a message does not begin as LDAP messages do")),
    }
    let Some((head, length)) = header(bytes)? else { return Ok(None) };
    if length > MESSAGE_LIMIT {
        return Err(Malformed("a message is longer than any that is read"));
    }
    Ok(Some(head + length))
}

/// Bytes of tag and length, and the length; `None` when they are not all there.
fn header(bytes: &[u8]) -> Result<Option<(usize, usize)>, Malformed> {
    let [tag, first, rest @ ..] = bytes else { return Ok(None) };
    if tag & 0x1f == 0x1f {
        return Err(Malformed("an element has a tag that LDAP does not use"));
    }
    if first & 0x80 == 0 {
        return Ok(Some((2, usize::from(*first))));
    }
    // Active Directory always writes four length bytes; RFC 4511, 5.1 forbids the indefinite form.
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 4 {
        return Err(Malformed("an element has a length that LDAP does not use"));
    }
    let Some(digits) = rest.get(..count) else { return Ok(None) };
    let length = digits.iter().fold(0_u64, |length, byte| length << 8 | u64::from(*byte));
    let length = usize::try_from(length).map_err(|_too_large| Malformed("an element is too long"))?;
    Ok(Some((2 + count, length)))
}

/// An LDAP message (RFC 4511, 4.1.1) with `op` and at most one control.
pub(super) fn message(id: i32, op: Tag, control: Option<Tag>) -> std::io::Result<Vec<u8>> {
    let mut inner = vec![Tag::Integer(Integer { inner: i64::from(id), ..Integer::default() }), op];
    inner.extend(control.map(|control| {
        Tag::StructureTag(StructureTag {
            class: TagClass::Context,
            id: 0,
            payload: PL::C(vec![control.into_structure()]),
        })
    }));
    encode(Tag::Sequence(Sequence { inner, ..Sequence::default() }))
}

/// `tag` as bytes.
pub(super) fn encode(tag: Tag) -> std::io::Result<Vec<u8>> {
    let mut bytes = bytes::BytesMut::new();
    write::encode_into(&mut bytes, tag.into_structure())?;
    Ok(bytes.to_vec())
}

/// An OCTET STRING.
pub(super) fn octets(bytes: impl Into<Vec<u8>>) -> Tag {
    Tag::OctetString(OctetString { inner: bytes.into(), ..OctetString::default() })
}

/// A SEQUENCE.
pub(super) fn sequence(inner: Vec<Tag>) -> Tag {
    Tag::Sequence(Sequence { inner, ..Sequence::default() })
}

#[cfg(test)]
mod tests {
    use super::{INTEGER, MESSAGE_LIMIT, Malformed, OCTETS, Reader, SEQUENCE, message_length, octets, sequence};

    type Length = Result<Option<usize>, Malformed>;

    #[test]
    fn a_message_is_whole_cut_short_or_none() {
        let cases: [(&[u8], Length); 9] = [
            (&[], Ok(None)),
            (&[0x30], Ok(None)),
            (&[0x30, 0x05], Ok(Some(7))),
            (&[0x30, 0x84, 0, 0, 0], Ok(None)),
            (&[0x30, 0x84, 0, 0, 0, 5], Ok(Some(11))),
            (b"HTTP/1.1 400", Err(Malformed("a message does not begin as LDAP messages do"))),
            (&[0x30, 0x80, 0, 0], Err(Malformed("an element has a length that LDAP does not use"))),
            (&[0x30, 0x88, 0, 0], Err(Malformed("an element has a length that LDAP does not use"))),
            (&[0x30, 0x84, 0x7f, 0xff, 0xff, 0xff], Err(Malformed("a message is longer than any that is read"))),
        ];
        for (bytes, expected) in cases {
            assert_eq!(message_length(bytes), expected, "{bytes:x?}");
        }
        const { assert!(MESSAGE_LIMIT < 0x7fff_ffff) };
    }

    #[test]
    fn what_ldap3_writes_is_read_back() {
        let bytes = super::encode(sequence(vec![octets("cn"), octets(vec![b'x'; 70_000])])).unwrap();
        assert_eq!(message_length(&bytes), Ok(Some(bytes.len())));
        let mut outer = Reader::new(&bytes);
        let mut inner = Reader::new(outer.expect(SEQUENCE).unwrap());
        assert_eq!(inner.expect(OCTETS), Ok(&b"cn"[..]));
        assert_eq!(inner.expect(OCTETS).unwrap().len(), 70_000);
        assert_eq!(inner.next(), Ok(None));
    }

    #[test]
    fn an_element_never_reaches_beyond_its_holder() {
        let cases: [&[u8]; 4] =
            [&[0x04, 0x05, 1, 2], &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 1], &[0x04], &[0x1f, 0x01, 0]];
        for bytes in cases {
            assert!(Reader::new(bytes).next().is_err(), "{bytes:x?}");
        }
        for (bytes, number) in [
            (&[0x02, 0x01, 0x07][..], Ok(7)),
            (&[0x02, 0x05, 0x00, 0xff, 0xff, 0xff, 0xff], Ok(u32::MAX)),
            (&[0x02, 0x00], Err(Malformed("a number is out of range"))),
            (&[0x02, 0x01, 0xff], Err(Malformed("a number is out of range"))),
            (&[0x02, 0x06, 0, 0, 0, 0, 0, 1], Err(Malformed("a number is out of range"))),
        ] {
            assert_eq!(Reader::new(bytes).number(INTEGER), number, "{bytes:x?}");
        }
    }
}
