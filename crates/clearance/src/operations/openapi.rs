//! The OpenAPI 3.1 document, made from the operation table.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{Effect, table};
use crate::authorization::CallerKind;
use crate::limits::RateClass;
use crate::refusal::Code;

/// The OpenAPI 3.1 document of the HTTP interface.
pub fn openapi() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for row in table() {
        let input = (row.input)(&mut generator);
        let output = (row.output)(&mut generator);
        let callers: Vec<_> = CallerKind::ALL
            .iter()
            .filter(|kind| row.demand.callers.contains(**kind))
            .map(|kind| kind.as_str())
            .collect();
        let mut parameters = Vec::new();
        if row.demand.effect == Effect::Command {
            parameters.push(json!({ "$ref": "#/components/parameters/IdempotencyKey" }));
        }
        paths.insert(
            format!("/api/v1/{}", row.name),
            json!({ "post": {
                "operationId": row.name,
                "summary": row.summary,
                "tags": [row.name.split('.').next().unwrap_or_default()],
                "parameters": parameters,
                "requestBody": { "required": true, "content": { "application/json": { "schema": input } } },
                "responses": {
                    "200": { "description": "The answer", "content": { "application/json": { "schema": output } } },
                    "default": { "$ref": "#/components/responses/Refusal" },
                },
                "x-callers": callers,
                "x-recent-sign-in": row.demand.recent_sign_in,
                "x-rate-class": row.rate_class.map(RateClass::as_str),
            }}),
        );
    }
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "AI Clearance",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Every operation is a POST with a JSON object. Lists take `after` and `limit` and answer `items` and `next`. \
                            Refusals and errors answer `{\"error\": {\"code\", \"message\", \"details\"}}`.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "security": [{ "token": [] }, { "session": [] }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "parameters": { "IdempotencyKey": {
                "name": "Idempotency-Key", "in": "header", "required": false, "schema": { "type": "string", "maxLength": 200 },
                "description": "Sending the same command again under the same key answers what the first one answered.",
            }},
            "responses": { "Refusal": {
                "description": "A rule or an error says no; nothing was changed",
                "content": { "application/json": { "schema": {
                    "type": "object", "required": ["error"], "properties": { "error": {
                        "type": "object", "required": ["code", "message", "details"], "properties": {
                            "code": { "type": "string", "enum": codes },
                            "message": { "type": "string" },
                            "details": { "type": "object", "additionalProperties": { "type": "string" } },
                        }
                    }},
                }}},
            }},
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "cookie", "name": "clearance_session" },
            },
        },
    })
}
