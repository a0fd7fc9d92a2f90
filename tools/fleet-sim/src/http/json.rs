//! Reading fields of a JSON request, and JSON replies.

use loopback::Reply;
use serde_json::{Value, json};
use shared::ports::ApiError;

/// A text of an object.
pub(super) fn text<'a>(body: &'a Value, name: &str) -> Option<&'a str> {
    body.get(name)?.as_str()
}

/// A list of texts of an object.
pub(super) fn texts(body: &Value, name: &str) -> Vec<String> {
    let list = body.get(name).and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

/// The objects in a list of an object.
pub(super) fn objects<'a>(body: &'a Value, name: &str) -> &'a [Value] {
    body.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// `maxResults`, or AWS's default.
pub(super) fn most(body: &Value, default: usize) -> usize {
    let asked = body.get("maxResults").and_then(Value::as_u64);
    asked.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0).unwrap_or(default)
}

/// A reply in ECS's form.
pub(super) fn reply(status: u16, body: &Value) -> Reply {
    let headers = vec![("content-type".to_owned(), "application/x-amz-json-1.1".to_owned())];
    Reply::Answer(status, headers, body.to_string().into_bytes())
}

/// An error in ECS's form.
pub(super) fn error(status: u16, code: &str, message: &str) -> Reply {
    reply(status, &json!({"__type": code, "message": message}))
}

/// What a service says of an error.
pub(super) fn code_and_message(error: &ApiError) -> (String, String) {
    match error {
        ApiError::Refused { code, message } => (code.clone(), message.clone()),
        ApiError::Throttled(text) | ApiError::Unavailable(text) => {
            let (code, message) = text.split_once(": ").unwrap_or((text, ""));
            (code.to_owned(), message.to_owned())
        }
    }
}
