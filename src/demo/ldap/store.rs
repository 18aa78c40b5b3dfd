//! The demo directory's tree: entries that can be read, compared and modified, never added or removed.
//!
//! Since no entry comes or goes, an entry's number is a stable place to go on from. Not here: messages and connections
//! (`session.rs`), what is in the tree (`people.rs`).

use std::collections::HashMap;

use ldap3_proto::proto::{LdapModify, LdapModifyType, LdapResultCode};

use super::{
    dn,
    schema::{AttributeType, ClassKind, ObjectClass},
};
use crate::demo::picture::{Picture, Pictures};

/// What one entry may grow to, in bytes: clients write what they like.
const LARGEST_ENTRY: usize = 4 << 20;

/// A value: bytes, or a picture that is drawn when somebody reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Stored {
    Bytes(Box<[u8]>),
    Drawn(Picture),
}

/// An attribute with at least one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::demo) struct Attribute {
    pub(super) kind: &'static AttributeType,
    pub(super) values: Vec<Stored>,
}

/// An entry, operational attributes included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::demo) struct Entry {
    pub(super) dn: String,
    pub(super) attributes: Vec<Attribute>,
}

/// The tree, in the order in which searches return it: a parent before what is below it.
pub(in crate::demo) struct Store {
    pub(super) entries: Vec<Entry>,
    keys: Vec<String>,
    places: HashMap<String, usize>,
}

/// Why an operation is refused: a result code and the text that goes with it.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) code: LdapResultCode,
    pub(super) text: String,
    /// The nearest entry above, for a name that is not there.
    pub(super) matched: String,
}

impl Refusal {
    pub(super) fn new(code: LdapResultCode, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), matched: String::new() }
    }
}

impl Attribute {
    /// The values that can be compared; drawn pictures have no equality rule.
    pub(super) fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        self.values.iter().filter_map(|value| match value {
            Stored::Bytes(bytes) => Some(&bytes[..]),
            Stored::Drawn(_) => None,
        })
    }

    /// Where `value` is among the values, by the attribute's own equality.
    fn position(&self, value: &[u8], pictures: &Pictures) -> Option<usize> {
        let wanted = self.kind.syntax.folded(value);
        self.values.iter().position(|stored| match stored {
            Stored::Bytes(bytes) => self.kind.syntax.folded(bytes) == wanted,
            Stored::Drawn(picture) => *pictures.bytes(*picture) == *value,
        })
    }
}

impl Entry {
    /// An entry without attributes.
    pub(in crate::demo) fn new(dn: impl Into<String>) -> Self {
        Self { dn: dn.into(), attributes: Vec::new() }
    }

    /// Adds a value of an attribute that the schema has.
    pub(in crate::demo) fn put(&mut self, name: &str, value: impl AsRef<[u8]>) {
        self.put_stored(name, Stored::Bytes(value.as_ref().into()));
    }

    /// Adds a picture that is drawn when it is read.
    pub(in crate::demo) fn put_picture(&mut self, name: &str, picture: Picture) {
        self.put_stored(name, Stored::Drawn(picture));
    }

    /// Its name.
    pub(in crate::demo) fn dn(&self) -> &str {
        &self.dn
    }

    fn put_stored(&mut self, name: &str, value: Stored) {
        let Some(kind) = AttributeType::find(name) else {
            debug_assert!(false, "the schema has no {name}");
            return;
        };
        match self.attributes.iter_mut().find(|attribute| attribute.kind == kind) {
            Some(attribute) => attribute.values.push(value),
            None => self.attributes.push(Attribute { kind, values: vec![value] }),
        }
    }

    pub(super) fn attribute(&self, kind: &'static AttributeType) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| std::ptr::eq(attribute.kind, kind))
    }

    fn set(&mut self, name: &str, value: &str) {
        self.attributes.retain(|attribute| attribute.kind.name() != name);
        self.put(name, value);
    }

    fn classes(&self) -> impl Iterator<Item = &'static ObjectClass> {
        let classes = self.attributes.iter().find(|attribute| attribute.kind.name() == "objectClass");
        classes
            .into_iter()
            .flat_map(Attribute::bytes)
            .filter_map(|name| ObjectClass::find(&String::from_utf8_lossy(name)))
    }
}

impl Store {
    /// A tree of `entries`, parents first; what the server itself says of each is added.
    pub(in crate::demo) fn new(entries: Vec<Entry>) -> Self {
        let keys: Vec<String> = entries.iter().map(|entry| dn::key(&entry.dn).unwrap_or_default()).collect();
        let places = keys.iter().cloned().enumerate().map(|(at, key)| (key, at)).collect();
        Self { entries, keys, places }
    }

    /// The number of the entry called `name`.
    pub(super) fn find(&self, name: &str) -> Result<usize, Refusal> {
        let key = dn::key(name)
            .ok_or_else(|| Refusal::new(LdapResultCode::InvalidDNSyntax, format!("{name} is not a name")))?;
        if let Some(place) = self.places.get(&key) {
            return Ok(*place);
        }
        let mut above = dn::above(&key);
        while let Some(key) = above.filter(|key| !key.is_empty()) {
            if let Some(place) = self.places.get(key) {
                let matched = self.entries[*place].dn.clone();
                return Err(Refusal { code: LdapResultCode::NoSuchObject, text: String::new(), matched });
            }
            above = dn::above(key);
        }
        Err(Refusal::new(LdapResultCode::NoSuchObject, ""))
    }

    /// The entry `at` is somebody who may sign in.
    pub(super) fn is_person(&self, at: usize) -> bool {
        self.entries[at].classes().any(|class| class.name == "person")
    }

    /// The entry `at` is `base`, or below it.
    pub(super) fn is_below(&self, at: usize, base: usize) -> bool {
        self.keys[at].starts_with(&self.keys[base])
    }

    /// The entry `at` is directly below `base`.
    pub(super) fn is_child(&self, at: usize, base: usize) -> bool {
        dn::above(&self.keys[at]) == Some(self.keys[base].as_str())
    }

    /// Applies all `changes` to the entry `name`, or none (RFC 4511, 4.6).
    pub(super) fn modify(
        &mut self,
        name: &str,
        changes: &[LdapModify],
        by: &str,
        now: &str,
        pictures: &Pictures,
    ) -> Result<(), Refusal> {
        let place = self.find(name)?;
        let mut entry = self.entries[place].clone();
        for change in changes {
            apply(&mut entry, change, pictures)?;
        }
        check(&self.entries[place], &entry)?;
        entry.set("modifyTimestamp", now);
        entry.set("modifiersName", by);
        self.entries[place] = entry;
        Ok(())
    }

    /// Whether the entry has `value` in the attribute (RFC 4511, 4.10).
    pub(super) fn compare(
        &self,
        name: &str,
        attribute: &str,
        value: &[u8],
        pictures: &Pictures,
    ) -> Result<bool, Refusal> {
        let entry = &self.entries[self.find(name)?];
        let kind = known(attribute)?;
        let attribute = entry.attribute(kind).ok_or_else(|| {
            Refusal::new(LdapResultCode::NoSuchAttribute, format!("{} has no {}", entry.dn, kind.name()))
        })?;
        Ok(attribute.position(value, pictures).is_some())
    }
}

fn known(name: &str) -> Result<&'static AttributeType, Refusal> {
    AttributeType::find(name).ok_or_else(|| {
        Refusal::new(LdapResultCode::UndefinedAttributeType, format!("{name}: attribute type undefined"))
    })
}

fn apply(entry: &mut Entry, change: &LdapModify, pictures: &Pictures) -> Result<(), Refusal> {
    let kind = known(&change.modification.atype)?;
    let (name, values) = (kind.name(), &change.modification.vals);
    if kind.operational {
        return Err(Refusal::new(LdapResultCode::ConstraintViolation, format!("{name}: no user modification allowed")));
    }
    if let Some(wrong) = values.iter().position(|value| !kind.syntax.allows(value)) {
        let text = format!("{name}: value #{wrong} invalid per syntax");
        return Err(Refusal::new(LdapResultCode::InvalidAttributeSyntax, text));
    }
    match change.operation {
        LdapModifyType::Add if values.is_empty() => {
            Err(Refusal::new(LdapResultCode::ProtocolError, format!("{name}: no values given to add")))
        }
        LdapModifyType::Add => add(entry, kind, values, pictures),
        LdapModifyType::Delete => delete(entry, kind, values, pictures),
        LdapModifyType::Replace => {
            entry.attributes.retain(|attribute| attribute.kind != kind);
            add(entry, kind, values, pictures)
        }
        LdapModifyType::Increment => {
            Err(Refusal::new(LdapResultCode::UnwillingToPerform, format!("{name}: increment is not supported")))
        }
    }
}

fn add(
    entry: &mut Entry,
    kind: &'static AttributeType,
    values: &[Vec<u8>],
    pictures: &Pictures,
) -> Result<(), Refusal> {
    for value in values {
        if entry.attribute(kind).is_some_and(|attribute| attribute.position(value, pictures).is_some()) {
            let text = format!("{}: value is there already", kind.name());
            return Err(Refusal::new(LdapResultCode::AttributeOrValueExists, text));
        }
        entry.put(kind.name(), value);
    }
    Ok(())
}

fn delete(
    entry: &mut Entry,
    kind: &'static AttributeType,
    values: &[Vec<u8>],
    pictures: &Pictures,
) -> Result<(), Refusal> {
    let missing =
        |what: &str| Refusal::new(LdapResultCode::NoSuchAttribute, format!("{}: no such {what}", kind.name()));
    let place = entry.attributes.iter().position(|attribute| attribute.kind == kind);
    let place = place.ok_or_else(|| missing("attribute"))?;
    if values.is_empty() {
        entry.attributes.remove(place);
        return Ok(());
    }
    let attribute = &mut entry.attributes[place];
    for value in values {
        let at = attribute.position(value, pictures).ok_or_else(|| missing("value"))?;
        attribute.values.remove(at);
    }
    if attribute.values.is_empty() {
        entry.attributes.remove(place);
    }
    Ok(())
}

/// What must hold of an entry once all changes are made.
fn check(before: &Entry, after: &Entry) -> Result<(), Refusal> {
    if let Some(many) = after.attributes.iter().find(|attribute| attribute.kind.single && attribute.values.len() > 1) {
        let text = format!("attribute {} cannot have multiple values", many.kind.name());
        return Err(Refusal::new(LdapResultCode::ConstraintViolation, text));
    }
    let structural = |entry: &Entry| {
        entry.classes().filter(|class| class.kind == ClassKind::Structural).map(|class| class.name).collect::<Vec<_>>()
    };
    if structural(before) != structural(after) {
        let text = "structural object class modification not allowed";
        return Err(Refusal::new(LdapResultCode::ObjectClassModsProhibited, text));
    }
    for (kind, value) in dn::naming_values(&after.dn) {
        let named = after.attribute(kind).is_some_and(|attribute| {
            attribute.bytes().any(|bytes| kind.syntax.folded(bytes) == kind.syntax.folded(&value))
        });
        if !named {
            let text = format!("the entry is named by this {}", kind.name());
            return Err(Refusal::new(LdapResultCode::NotALlowedOnRDN, text));
        }
    }
    check_classes(after)?;
    let size: usize = after.attributes.iter().flat_map(Attribute::bytes).map(<[u8]>::len).sum();
    if size > LARGEST_ENTRY {
        return Err(Refusal::new(LdapResultCode::AdminLimitExceeded, "the entry would be too large"));
    }
    Ok(())
}

fn check_classes(entry: &Entry) -> Result<(), Refusal> {
    let violation = |text: String| Err(Refusal::new(LdapResultCode::ObjectClassViolation, text));
    let has = |name: &str| entry.attributes.iter().any(|attribute| attribute.kind.name() == name);
    for class in entry.classes() {
        if let Some(missing) = class.required().into_iter().find(|name| !has(name)) {
            return violation(format!("object class '{}' requires attribute '{missing}'", class.name));
        }
    }
    for attribute in entry.attributes.iter().filter(|attribute| !attribute.kind.operational) {
        let name = attribute.kind.name();
        if !entry.classes().any(|class| class.allows(name)) {
            return violation(format!("attribute '{name}' not allowed"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ldap3_proto::proto::{LdapModify, LdapModifyType, LdapPartialAttribute, LdapResultCode};

    use super::{Entry, Store};
    use crate::demo::{
        picture::{Picture, Pictures},
        portrait::{Face, Look, Tones},
    };

    const FACE: Face = Face { seed: 7, look: Look::Feminine, tones: Tones::Fair };
    const ADA: &str = "uid=ada,dc=example,dc=com";

    fn store() -> Store {
        let mut root = Entry::new("dc=example,dc=com");
        root.put("objectClass", "domain");
        root.put("dc", "example");
        let mut ada = Entry::new(ADA);
        for (name, value) in [
            ("objectClass", "top"),
            ("objectClass", "inetOrgPerson"),
            ("objectClass", "sametimePerson"),
            ("uid", "ada"),
            ("cn", "Ada"),
            ("sn", "Lovelace"),
            ("displayName", "Ada"),
            ("photoURL", "http://127.0.0.1/a.jpg"),
            ("modifyTimestamp", "20240101000000Z"),
        ] {
            ada.put(name, value);
        }
        ada.put_picture("thumbnailPhoto", Picture::Thumbnail(FACE));
        Store::new(vec![root, ada])
    }

    fn change(operation: LdapModifyType, atype: &str, values: &[&str]) -> LdapModify {
        let vals = values.iter().map(|value| value.as_bytes().to_vec()).collect();
        LdapModify { operation, modification: LdapPartialAttribute { atype: atype.to_owned(), vals } }
    }

    fn values(store: &Store, name: &str) -> Vec<String> {
        let entry = &store.entries[store.find(ADA).unwrap()];
        let attribute = entry.attributes.iter().find(|attribute| attribute.kind.name() == name);
        let texts = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        attribute.map(|attribute| attribute.bytes().map(texts).collect()).unwrap_or_default()
    }

    #[test]
    fn a_modify_ends_with_the_usual_code() {
        use LdapModifyType::{Add, Delete, Increment, Replace};
        use LdapResultCode as Code;
        let (old, new) = ("http://127.0.0.1/a.jpg", "http://127.0.0.1/b.jpg");
        let success = None;
        let cases: Vec<(&str, Vec<LdapModify>, Option<Code>)> = vec![
            ("delete old, add new", vec![change(Delete, "photoURL", &[old]), change(Add, "photoURL", &[new])], success),
            (
                "the old value is another by now",
                vec![change(Delete, "photoURL", &[new]), change(Add, "photoURL", &[old])],
                Some(Code::NoSuchAttribute),
            ),
            ("case counts", vec![change(Delete, "photoURL", &["HTTP://127.0.0.1/a.jpg"])], Some(Code::NoSuchAttribute)),
            ("case does not", vec![change(Delete, "displayName", &["ADA"])], None),
            ("the value is there", vec![change(Add, "photoURL", &[old])], Some(Code::AttributeOrValueExists)),
            ("twice in one change", vec![change(Add, "photoURL", &[new, new])], Some(Code::AttributeOrValueExists)),
            ("twice in a replace", vec![change(Replace, "photoURL", &[new, new])], Some(Code::AttributeOrValueExists)),
            ("two values of many", vec![change(Add, "photoURL", &[new])], None),
            ("two values of one", vec![change(Add, "displayName", &["Countess"])], Some(Code::ConstraintViolation)),
            ("no values to add", vec![change(Add, "photoURL", &[])], Some(Code::ProtocolError)),
            ("all values", vec![change(Delete, "photoURL", &[])], None),
            ("an absent attribute", vec![change(Delete, "title", &[])], Some(Code::NoSuchAttribute)),
            ("replace by nothing", vec![change(Replace, "photoURL", &[])], None),
            ("replace nothing by nothing", vec![change(Replace, "title", &[])], None),
            ("another attribute's name", vec![change(Add, "shoeSize", &["43"])], Some(Code::UndefinedAttributeType)),
            ("not of this class", vec![change(Add, "dc", &["example"])], Some(Code::ObjectClassViolation)),
            ("a required one", vec![change(Delete, "sn", &[])], Some(Code::ObjectClassViolation)),
            (
                "the class",
                vec![change(Delete, "objectClass", &["inetOrgPerson"])],
                Some(Code::ObjectClassModsProhibited),
            ),
            (
                "the auxiliary class",
                vec![change(Delete, "objectClass", &["sametimePerson"])],
                Some(Code::ObjectClassViolation),
            ),
            ("the name", vec![change(Replace, "uid", &["eve"])], Some(Code::NotALlowedOnRDN)),
            ("a second name", vec![change(Add, "uid", &["countess"])], None),
            ("not ASCII", vec![change(Replace, "photoURL", &["http://ä"])], Some(Code::InvalidAttributeSyntax)),
            (
                "the server's own",
                vec![change(Replace, "modifyTimestamp", &["20260101000000Z"])],
                Some(Code::ConstraintViolation),
            ),
            ("increment", vec![change(Increment, "photoURL", &["1"])], Some(Code::UnwillingToPerform)),
            ("a drawn picture", vec![change(Delete, "thumbnailPhoto", &[])], None),
        ];
        for (what, changes, expected) in cases {
            let (mut store, pictures) = (store(), Pictures::default());
            let before = store.entries.clone();
            let result = store.modify(ADA, &changes, "cn=admin", "20260102030405Z", &pictures);
            assert_eq!(result.as_ref().err().map(|refusal| refusal.code.clone()), expected, "{what}");
            if expected.is_some() {
                assert_eq!(store.entries, before, "{what} must change nothing");
            } else {
                assert_eq!(values(&store, "modifyTimestamp"), ["20260102030405Z"], "{what}");
                assert_eq!(values(&store, "modifiersName"), ["cn=admin"], "{what}");
            }
        }
    }

    #[test]
    fn changes_that_end_badly_leave_nothing_behind() {
        let (mut store, pictures) = (store(), Pictures::default());
        let changes = [
            change(LdapModifyType::Replace, "title", &["Countess"]),
            change(LdapModifyType::Delete, "photoURL", &["http://elsewhere"]),
        ];
        let refusal = store.modify(ADA, &changes, "", "", &pictures).unwrap_err();
        assert_eq!(refusal.code, LdapResultCode::NoSuchAttribute);
        assert_eq!(values(&store, "title"), Vec::<String>::new());
    }

    #[test]
    fn a_drawn_picture_can_be_compared_and_deleted_by_its_bytes() {
        let (mut store, pictures) = (store(), Pictures::default());
        let bytes = pictures.bytes(Picture::Thumbnail(FACE)).to_vec();
        assert_eq!(store.compare(ADA, "thumbnailPhoto", &bytes, &pictures), Ok(true));
        let modification = LdapPartialAttribute { atype: "thumbnailPhoto".to_owned(), vals: vec![bytes] };
        let changes = [LdapModify { operation: LdapModifyType::Delete, modification }];
        store.modify(ADA, &changes, "", "20260102030405Z", &pictures).unwrap();
        let refusal = store.compare(ADA, "thumbnailPhoto", b"", &pictures).unwrap_err();
        assert_eq!(refusal.code, LdapResultCode::NoSuchAttribute);
    }

    #[test]
    fn a_name_that_is_not_there_says_how_far_it_went() {
        for (name, code, matched) in [
            ("uid=eve,dc=example,dc=com", LdapResultCode::NoSuchObject, "dc=example,dc=com"),
            ("uid=x,uid=ada,dc=example,dc=com", LdapResultCode::NoSuchObject, ADA),
            ("dc=org", LdapResultCode::NoSuchObject, ""),
            ("nonsense", LdapResultCode::InvalidDNSyntax, ""),
        ] {
            let refusal = store().find(name).unwrap_err();
            assert_eq!((refusal.code, refusal.matched.as_str()), (code, matched), "{name}");
        }
    }
}
