//! What a scripted server answers.

use std::time::Duration;

/// What the server does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Answers: status, headers, body.
    Answer(u16, Vec<(String, String)>, Vec<u8>),
    /// Answers after a while.
    Late(Duration, Box<Reply>),
    /// Closes the connection without a word.
    Hang,
}

impl Reply {
    /// An answer with a body and no headers of its own.
    #[must_use]
    pub fn body(status: u16, body: &str) -> Self {
        Self::Answer(status, Vec::new(), body.as_bytes().to_vec())
    }

    /// SNS's answer to an accepted message.
    #[must_use]
    pub fn sns_accepted() -> Self {
        Self::body(
            200,
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
             <MessageId>0a1b</MessageId></PublishResult><ResponseMetadata><RequestId>r</RequestId>\
             </ResponseMetadata></PublishResponse>",
        )
    }

    /// An error as SNS and other query services write it.
    #[must_use]
    pub fn query_error(status: u16, code: &str) -> Self {
        Self::query_error_saying(status, code, "scripted")
    }

    /// An error of a query service, with its text.
    #[must_use]
    pub fn query_error_saying(status: u16, code: &str, message: &str) -> Self {
        Self::body(
            status,
            &format!(
                "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
                 <Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>"
            ),
        )
    }

    /// An error as ECS and other JSON services write it; neither word is escaped.
    #[must_use]
    pub fn json_error(status: u16, code: &str, message: &str) -> Self {
        Self::body(status, &format!(r#"{{"__type":"{code}","message":"{message}"}}"#))
    }
}
