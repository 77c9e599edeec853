use std::path::Path;

use super::*;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("/etc/clearance.toml"), &Overrides::default())
}

fn problem(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn nothing_written_is_a_server_on_the_loopback_interface() {
    let config = parse("").unwrap();
    assert_eq!(config.listen.address, DEFAULT_LISTEN);
    assert_eq!(config.listen.transport, Transport::Loopback);
    assert_eq!(config.listen.public_url(DEFAULT_LISTEN).as_str(), "http://127.0.0.1:8780/");
    assert!(config.oidc.is_none() && config.smtp.is_none());
}

#[test]
fn a_misspelt_key_is_refused_with_its_line_and_without_the_line_s_text() {
    let text =
        "tick_seconds = 5\n[smtp]\nhost = \"h\"\nfrom = \"a@b.c\"\nuser = \"u\"\npasword = \"hunter2\"\n";
    let problem = problem(text);
    assert!(problem.contains("line 6") && problem.contains("pasword"), "{problem}");
    assert!(!problem.contains("hunter2"), "{problem}");
}

#[test]
fn a_network_interface_needs_tls_or_a_trusted_proxy() {
    let open = "listen = \"0.0.0.0:80\"\n";
    assert!(problem(open).contains("in the clear"));
    assert!(parse(&format!("{open}[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"")).is_ok());
    let proxied = format!("{open}trusted_proxies = [\"10.0.0.1\"]\n");
    assert!(problem(&proxied).contains("`public_url`"));
    assert!(parse(&format!("{proxied}public_url = \"https://a.example\"")).is_ok());
    assert!(problem(&format!("{proxied}public_url = \"http://a.example\"")).contains("https://"));
    assert!(problem("public_url = \"https://a.example/clearance\"").contains("nothing behind it"));
}

#[test]
fn a_secret_comes_from_one_place_and_does_not_print() {
    let oidc = "[oidc]\nname = \"P\"\nissuer = \"https://p.example\"\nclient_id = \"c\"\n";
    let config = parse(&format!("{oidc}client_secret = \"hunter2\"")).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    let twice = format!("{oidc}client_secret = \"a\"\nclient_secret_file = \"b\"");
    assert!(problem(&twice).contains("given twice"));
    assert!(problem(&format!("{oidc}client_secret_file = \"/nowhere/secret\"")).contains("/nowhere/secret"));
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("secret"), "hunter2\n").unwrap();
    let text = format!("{oidc}client_secret_file = \"secret\"");
    let config =
        Config::parse(&text, &directory.path().join("clearance.toml"), &Overrides::default()).unwrap();
    assert_eq!(config.oidc.unwrap().client_secret.unwrap().expose(), "hunter2");
}

#[test]
fn what_does_not_hold_together_is_refused() {
    assert!(problem("tick_seconds = 0").contains("1 to 300"));
    assert!(problem("[oidc]\nname=\"P\"\nissuer=\"http://p.example\"\nclient_id=\"c\"").contains("https://"));
    assert!(
        problem("[oidc]\nname=\"P\"\nissuer=\"https://p.example\"\nclient_id=\"c\"\ngroup_claim=\"groups\"")
            .contains("groups")
    );
    let groups = "[oidc]\nname=\"P\"\nissuer=\"https://p.example\"\nclient_id=\"c\"\ngroup_claim=\"groups\"\n[oidc.groups]\nx=\"y\"";
    assert!(problem(groups).contains("group_"));
    assert!(
        problem("[smtp]\nhost=\"mail.example\"\nencryption=\"none\"\nfrom=\"a@b.c\"")
            .contains("on this host")
    );
    assert!(
        problem("[smtp]\nhost=\"localhost\"\nencryption=\"none\"\nfrom=\"nobody\"").contains("smtp.from")
    );
    assert!(problem("[smtp]\nhost=\"localhost\"\nfrom=\"a@b.c\"\nuser=\"u\"").contains("smtp.password"));
    assert!(problem("[core]\nurl = \"http://core.example.com\"").contains("core.url"));
    assert!(problem("[anchor]\nemail = true").contains("anchor.email"));
    assert!(problem("[anchor]\nwitnesses = [\"w+00000000+AAAA\"]").contains("anchor.witnesses"));
}

#[test]
fn the_example_is_good_and_names_every_key() {
    let example = include_str!("../../clearance.example.toml");
    let config = parse(example).unwrap();
    assert!(config.oidc.is_some_and(|oidc| oidc.groups.is_some()) && config.smtp.is_some());
    // What the form refuses as unknown it lists as expected: the keys of each section.
    for section in
        ["", "[tls]\n", "[log]\n", "[oidc]\n", "[smtp]\n", "[anchor]\n", "[core]\nurl=\"https://a.b\"\n"]
    {
        let complaint = problem(&format!("{section}no_such_key = 1"));
        let keys = complaint.split('`').skip(3).step_by(2);
        for key in keys {
            let forms = [format!("{key} = "), format!("[{key}]"), format!(".{key}]")];
            let written = forms.iter().any(|form| example.contains(form));
            assert!(written, "`{key}` is missing from the example");
        }
    }
}
