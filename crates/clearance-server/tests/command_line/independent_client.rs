//! A log as the shipped program serves it, checked over HTTP by a client that shares no code with it: C2SP signed-note, tlog-checkpoint and
//! tlog-tiles read from their texts, trees and proofs by `ct-merkle`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Data, Server, people};

type Tree = MemoryBackedTree<Sha256, Vec<u8>>;

/// A client with a bearer token and a verifier key, and nothing else.
struct Client {
    http: reqwest::Client,
    address: String,
    token: String,
    name: String,
    key_id: [u8; 4],
    key: VerifyingKey,
}

/// A checkpoint whose signature was verified.
struct Head {
    size: u64,
    root: Vec<u8>,
}

impl Client {
    fn new(address: &str, token: &str, vkey: &str) -> Self {
        let mut parts = vkey.splitn(3, '+');
        let (name, id, key) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        let key = STANDARD.decode(key).unwrap();
        assert_eq!(key[0], 1, "Ed25519");
        // C2SP signed-note: SHA-256(<name> || 0x0A || <type> || <public key>)[:4].
        let digest = Sha256::new().chain_update(name).chain_update(b"\n").chain_update(&key).finalize();
        let key_id: [u8; 4] = digest[..4].try_into().unwrap();
        assert_eq!(u32::from_str_radix(id, 16).unwrap(), u32::from_be_bytes(key_id));
        Self {
            http: reqwest::Client::new(),
            address: address.to_owned(),
            token: token.to_owned(),
            name: name.to_owned(),
            key_id,
            key: VerifyingKey::from_bytes(key[1..].try_into().unwrap()).unwrap(),
        }
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        let url = format!("{}/log/{path}", self.address);
        self.http.get(url).bearer_auth(&self.token).send().await.unwrap()
    }

    /// A file of the log with the headers that tlog-tiles and privacy ask for.
    async fn file(&self, path: &str, content_type: &str, immutable: bool) -> Vec<u8> {
        let response = self.get(path).await;
        assert_eq!(response.status().as_u16(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], content_type, "{path}");
        let cache = response.headers()["cache-control"].to_str().unwrap().to_owned();
        assert!(cache.starts_with("private") && cache.contains("immutable") == immutable, "{path}: {cache}");
        response.bytes().await.unwrap().to_vec()
    }

    async fn checkpoint(&self) -> Head {
        let note = self.file("checkpoint", "text/plain; charset=utf-8", false).await;
        self.open(&String::from_utf8(note).unwrap())
    }

    fn open(&self, note: &str) -> Head {
        let (text, signatures) = note.split_once("\n\n").unwrap();
        let text = format!("{text}\n");
        let prefix = format!("— {} ", self.name);
        let line = signatures.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap();
        let signature = STANDARD.decode(line).unwrap();
        assert_eq!(signature[..4], self.key_id);
        let signature = Signature::from_bytes(signature[4..].try_into().unwrap());
        self.key.verify_strict(text.as_bytes(), &signature).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines.len(), lines[0]), (3, self.name.as_str()));
        Head { size: lines[1].parse().unwrap(), root: STANDARD.decode(lines[2]).unwrap() }
    }

    /// Every entry below a size, from the bundles.
    async fn entries(&self, size: u64) -> Vec<Vec<u8>> {
        let mut entries = Vec::new();
        for index in 0..size.div_ceil(256) {
            let path = resource("tile/entries", index, size);
            let bundle = self.file(&path, "application/octet-stream", !path.contains(".p/")).await;
            let mut rest = bundle.as_slice();
            while let Some((length, tail)) = rest.split_first_chunk::<2>() {
                let (entry, tail) = tail.split_at(usize::from(u16::from_be_bytes(*length)));
                entries.push(entry.to_vec());
                rest = tail;
            }
        }
        entries
    }

    async fn prove(&self, input: Value) -> Value {
        let url = format!("{}/api/v1/audit.proof", self.address);
        let response =
            self.http.post(url).bearer_auth(&self.token).body(input.to_string()).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 200);
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    }
}

/// Where the tile or bundle of an index lies in a log of this size; fewer than a thousand are enough here.
fn resource(folder: &str, index: u64, nodes: u64) -> String {
    let width = (nodes - index * 256).min(256);
    let partial = if width < 256 { format!(".p/{width}") } else { String::new() };
    format!("{folder}/{index:03}{partial}")
}

fn tree(entries: &[Vec<u8>]) -> Tree {
    let mut tree = Tree::new();
    for entry in entries {
        tree.push(entry.clone());
    }
    tree
}

fn leaf_hash(entry: &[u8]) -> Vec<u8> {
    Sha256::new().chain_update([0]).chain_update(entry).finalize().to_vec()
}

fn hash_bytes(hashes: &Value) -> Vec<u8> {
    let digits: String = hashes.as_array().unwrap().iter().map(|hash| hash.as_str().unwrap()).collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

fn root_of(answer: &Value) -> Vec<u8> {
    hash_bytes(&json!([answer]))
}

#[tokio::test]
async fn a_served_log_verifies_with_a_client_that_shares_no_code() {
    let data = Data::new();
    data.add("Ada", "admin");
    data.add("Audrey", "auditor");
    data.add("Mel", "member");
    // More than one full tile of level 0.
    let file = data.path().join("people.csv");
    std::fs::write(&file, people(0..320)).unwrap();
    data.says(&["people", "import", file.to_str().unwrap()]);
    let (audrey, mel) = (data.token_of_scope("Audrey", "log"), data.token("Mel"));
    let published = data.json(&["audit", "checkpoint"]);
    let vkey = published["verifier_keys"][0]["verifier"].as_str().unwrap();
    let server = Server::start(&data, &[]);
    let client = Client::new(&server.address, &audrey, vkey);

    let head = client.checkpoint().await;
    assert!(head.size > 320);
    let entries = client.entries(head.size).await;
    assert_eq!(u64::try_from(entries.len()).unwrap(), head.size);
    let whole = tree(&entries);
    assert_eq!(whole.root().as_bytes().as_slice(), head.root, "the entries give the signed root");

    // Tiles: leaf hashes below, roots of full tiles above.
    let mut leaves = Vec::new();
    for index in 0..head.size.div_ceil(256) {
        let path = resource("tile/0", index, head.size);
        leaves.extend(client.file(&path, "application/octet-stream", !path.contains(".p/")).await);
    }
    let expected: Vec<u8> = entries.iter().flat_map(|entry| leaf_hash(entry)).collect();
    assert_eq!(leaves, expected);
    let above = client.file(&resource("tile/1", 0, head.size / 256), "application/octet-stream", false).await;
    assert_eq!(above, tree(&entries[..256]).root().as_bytes().as_slice());

    for index in [0, 1, 255, 256, head.size - 1] {
        let answer = client.prove(json!({ "inclusion": { "index": index, "size": head.size } })).await;
        let proof = InclusionProof::<Sha256>::try_from_bytes(hash_bytes(&answer["hashes"])).unwrap();
        let entry = &entries[usize::try_from(index).unwrap()];
        whole.root().verify_inclusion(entry, index, &proof).unwrap();
        let other = &entries[usize::try_from(head.size - 1 - index).unwrap()];
        assert!(whole.root().verify_inclusion(other, index, &proof).is_err());
        let text = answer["tlog_proof"].as_str().unwrap();
        let (proof, note) = text.split_once("\n\n").unwrap();
        let lines: Vec<_> = proof.lines().collect();
        assert_eq!(lines[..2], ["c2sp.org/tlog-proof@v1".to_owned(), format!("index {index}")]);
        let hashes: Vec<u8> = lines[2..].iter().flat_map(|line| STANDARD.decode(line).unwrap()).collect();
        assert_eq!(hashes, hash_bytes(&answer["hashes"]));
        assert_eq!(client.open(note).root, head.root);
    }
    for from in [1, 100, 256, 300, head.size] {
        let answer = client.prove(json!({ "consistency": { "from": from, "to": head.size } })).await;
        let before = tree(&entries[..usize::try_from(from).unwrap()]);
        assert_eq!(root_of(&answer["from_root"]), before.root().as_bytes().as_slice());
        if from < head.size {
            let proof = ConsistencyProof::try_from_bytes(hash_bytes(&answer["hashes"])).unwrap();
            whole.root().verify_consistency(&before.root(), &proof).unwrap();
            let forged = RootHash::<Sha256>::new(*whole.root().as_bytes(), from);
            assert!(whole.root().verify_consistency(&forged, &proof).is_err());
        }
    }

    // What is not published, or no path, is not there.
    let beyond = resource("tile/entries", head.size / 256, head.size + 1);
    for path in
        [beyond.as_str(), "tile/0/001", "tile/8/000", "tile/0/1", "tile/0/000.p/256", "tile/-1/000", "x"]
    {
        assert_eq!(client.get(path).await.status().as_u16(), 404, "{path}");
    }
    // Nobody else gets any of it.
    let url = format!("{}/log/checkpoint", server.address);
    assert_eq!(client.http.get(&url).send().await.unwrap().status().as_u16(), 401);
    assert_eq!(client.http.get(&url).bearer_auth(&mel).send().await.unwrap().status().as_u16(), 403);
    server.end();
}
