//! The demo site as other programs see it: OpenLDAP's clients, raw sockets, HTTP.

use photodesk::demo::Demo;

#[test]
fn it_starts_and_stops() {
    let demo = Demo::start().unwrap();
    assert_ne!(demo.ldap_port(), demo.web_port());
}
