//! What EC2 answers, in XML.
//!
//! What is missing or odd in a volume is not known of it; a reply without its list is no answer.

use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};

use crate::ports::Page;
use crate::volume::{Attachment, Volume, VolumeType};

/// A page of `DescribeVolumes`; an empty token is none.
pub(super) fn page(body: &[u8]) -> Result<Page<Volume>, XmlDecodeError> {
    let mut document = Document::try_from(body)?;
    let mut root = document.root_element()?;
    let (mut items, mut next) = (None, None);
    while let Some(mut tag) = root.next_tag() {
        match tag.start_el().local() {
            "volumeSet" => items = Some(list(&mut tag, volume)?),
            "nextToken" => next = Some(text(&mut tag)?).filter(|token| !token.is_empty()),
            _ => {}
        }
    }
    let items = items.ok_or_else(|| XmlDecodeError::custom("the reply holds no list"))?;
    Ok(Page { items, next })
}

/// The error EC2 answers with, without a code where it is none of its own.
/// Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>.
pub(super) fn error(body: &[u8]) -> ErrorMetadata {
    first_error(body).unwrap_or_else(|_| ErrorMetadata::builder().build())
}

/// The first `Error` below `Errors`.
fn first_error(body: &[u8]) -> Result<ErrorMetadata, XmlDecodeError> {
    let mut document = Document::try_from(body)?;
    let mut root = document.root_element()?;
    let mut found = ErrorMetadata::builder();
    while let Some(mut errors) = root.next_tag() {
        if errors.start_el().local() != "Errors" {
            continue;
        }
        if let Some(mut error) = errors.next_tag() {
            while let Some(mut field) = error.next_tag() {
                match field.start_el().local() {
                    "Code" => found = found.code(text(&mut field)?),
                    "Message" => found = found.message(text(&mut field)?),
                    _ => {}
                }
            }
        }
    }
    Ok(found.build())
}

/// A volume.
fn volume(scope: &mut ScopedDecoder<'_, '_>) -> Result<Volume, XmlDecodeError> {
    let mut volume = Volume {
        id: String::new(),
        kind: VolumeType::from_word(""),
        size_gib: None,
        iops: None,
        availability_zone: None,
        attachments: Vec::new(),
    };
    while let Some(mut tag) = scope.next_tag() {
        match tag.start_el().local() {
            "volumeId" => volume.id = text(&mut tag)?,
            "volumeType" => volume.kind = VolumeType::from_word(&text(&mut tag)?),
            "size" => volume.size_gib = text(&mut tag)?.parse().ok(),
            "iops" => volume.iops = text(&mut tag)?.parse().ok(),
            "availabilityZone" => volume.availability_zone = Some(text(&mut tag)?),
            "attachmentSet" => volume.attachments = list(&mut tag, attachment)?,
            _ => {}
        }
    }
    Ok(volume)
}

/// What a volume is attached to.
fn attachment(scope: &mut ScopedDecoder<'_, '_>) -> Result<Attachment, XmlDecodeError> {
    let mut attachment = Attachment::default();
    while let Some(mut tag) = scope.next_tag() {
        match tag.start_el().local() {
            "instanceId" => attachment.instance = Some(text(&mut tag)?),
            "device" => attachment.device = Some(text(&mut tag)?),
            _ => {}
        }
    }
    Ok(attachment)
}

/// The elements of a list.
fn list<T>(
    scope: &mut ScopedDecoder<'_, '_>,
    read: impl Fn(&mut ScopedDecoder<'_, '_>) -> Result<T, XmlDecodeError>,
) -> Result<Vec<T>, XmlDecodeError> {
    let mut items = Vec::new();
    while let Some(mut item) = scope.next_tag() {
        if item.start_el().local() == "item" {
            items.push(read(&mut item)?);
        }
    }
    Ok(items)
}

/// The text of an element.
fn text(tag: &mut ScopedDecoder<'_, '_>) -> Result<String, XmlDecodeError> {
    try_data(tag).map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Attachment, VolumeType, error, page};

    #[test]
    fn volumes_are_read_and_what_is_new_or_odd_is_passed_over() {
        let reply = page(
            br#"<?xml version="1.0" encoding="UTF-8"?>
            <DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
              <requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>
              <volumeSet>
                <item>
                  <volumeId>vol-1</volumeId><size>100</size><iops>300</iops><volumeType>gp2</volumeType>
                  <availabilityZone>eu-west-1b</availabilityZone><fromTheFuture><item><size>7</size></item></fromTheFuture>
                  <attachmentSet><item><volumeId>vol-1</volumeId><instanceId>i-1</instanceId><device>/dev/xvda</device>
                    <status>attached</status></item></attachmentSet>
                </item>
                <item><volumeId>vol-2</volumeId><size>many</size><volumeType>gp9</volumeType><attachmentSet/></item>
                <item/>
              </volumeSet>
              <nextToken>more</nextToken>
            </DescribeVolumesResponse>"#,
        )
        .unwrap();
        assert_eq!(reply.next.as_deref(), Some("more"));
        let [whole, odd, empty] = &reply.items[..] else { panic!("{reply:?}") };
        assert_eq!((whole.id.as_str(), &whole.kind, whole.size_gib), ("vol-1", &VolumeType::Gp2, Some(100)));
        assert_eq!((whole.iops, whole.availability_zone.as_deref()), (Some(300), Some("eu-west-1b")));
        let attachment = Attachment { instance: Some("i-1".into()), device: Some("/dev/xvda".into()) };
        assert_eq!(whole.attachments, [attachment]);
        assert_eq!((&odd.kind, odd.size_gib), (&VolumeType::Other("gp9".into()), None));
        assert_eq!((empty.id.as_str(), &empty.kind), ("", &VolumeType::Other("".into())));
    }

    #[test]
    fn a_reply_without_its_list_is_no_answer() {
        for reply in ["", "<", "<html></html>", "<DescribeVolumesResponse/>", "\u{fffd}", "{\"a\": 1}"] {
            assert!(page(reply.as_bytes()).is_err(), "{reply}");
        }
        let empty = page(b"<R><volumeSet/><nextToken></nextToken></R>").unwrap();
        assert_eq!((empty.items, empty.next), (vec![], None));
    }

    #[test]
    fn an_error_is_read_by_its_code() {
        let body =
            b"<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.
            </Message></Error></Errors><RequestID>r</RequestID></Response>";
        let found = error(body);
        assert_eq!(
            (found.code(), found.message()),
            (Some("RequestLimitExceeded"), Some("Request limit exceeded."))
        );
        for body in
            ["", "<html><body>Bad Gateway</body></html>", "<Response><Errors/></Response>", "<Response><Er"]
        {
            assert_eq!(error(body.as_bytes()).code(), None, "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_reply_makes_it_panic(
            body in prop::collection::vec(any::<u8>(), 0..200),
            text in "(<(R|volumeSet|item|size|/item|/R|attachmentSet)>|&|&amp;|[a-z]){0,30}",
        ) {
            let _ = (page(&body), error(&body), page(text.as_bytes()), error(text.as_bytes()));
        }
    }
}
