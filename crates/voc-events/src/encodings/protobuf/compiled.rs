//! A schema that was compiled before it was registered.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use prost_reflect::{
    prost::Message as _,
    prost_types::{
        DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
        OneofDescriptorProto,
    },
};
use protox::Error;

use crate::found::excerpt;

/// The descriptor of a compiled schema: clients in Python and C++ register it in base64, and some registries keep it
/// unchanged. `None` if it is the text of a schema, which contains other characters.
pub(super) fn compiled(text: &str) -> Option<Result<FileDescriptorProto, Error>> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(is_base64) {
        return None;
    }
    Some(decoded(text))
}

fn decoded(text: &str) -> Result<FileDescriptorProto, Error> {
    let bytes = BASE64_STANDARD.decode(text).map_err(Error::new)?;
    let file = FileDescriptorProto::decode(&*bytes).map_err(Error::new)?;
    if has_uninterpreted_options(&file) {
        return Err(Error::new("the descriptor has options that its compiler did not interpret"));
    }
    match names(&file).into_iter().find(|name| !is_identifier(name)) {
        Some(name) => Err(Error::new(format!("the descriptor has a name that is no identifier: {:?}", excerpt(name)))),
        None => Ok(file),
    }
}

/// Every name that may become part of a record's JSON. Compilers know only identifiers, but a descriptor may have
/// anything for a name, and some names would forge members.
fn names(file: &FileDescriptorProto) -> Vec<&str> {
    let mut names: Vec<&str> = file.package().split('.').filter(|_| !file.package().is_empty()).collect();
    names.extend(file.extension.iter().map(FieldDescriptorProto::name));
    names.extend(file.enum_type.iter().flat_map(names_in_enum));
    let mut messages: Vec<&DescriptorProto> = file.message_type.iter().collect();
    while let Some(message) = messages.pop() {
        names.push(message.name());
        names.extend(message.field.iter().chain(&message.extension).map(FieldDescriptorProto::name));
        names.extend(message.oneof_decl.iter().map(OneofDescriptorProto::name));
        names.extend(message.enum_type.iter().flat_map(names_in_enum));
        messages.extend(&message.nested_type);
    }
    names
}

fn names_in_enum(descriptor: &EnumDescriptorProto) -> impl Iterator<Item = &str> {
    [descriptor.name()].into_iter().chain(descriptor.value.iter().map(EnumValueDescriptorProto::name))
}

fn is_identifier(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

/// The options of one or several descriptors that the compiler left uninterpreted.
macro_rules! is_uninterpreted {
    ($descriptor:expr) => {
        $descriptor.options.iter().any(|options| !options.uninterpreted_option.is_empty())
    };
}

/// Whether a descriptor has uninterpreted options. No compiler leaves any, and interpreting their values and names
/// takes a stack as deep as their nesting, which is checked for texts but not for descriptors.
fn has_uninterpreted_options(file: &FileDescriptorProto) -> bool {
    is_uninterpreted!(file)
        || file.message_type.iter().any(in_message)
        || file.enum_type.iter().any(in_enum)
        || file.extension.iter().any(in_field)
        || file
            .service
            .iter()
            .any(|service| is_uninterpreted!(service) || service.method.iter().any(|method| is_uninterpreted!(method)))
}

/// The nesting of messages is limited by the decoding.
fn in_message(message: &DescriptorProto) -> bool {
    is_uninterpreted!(message)
        || message.nested_type.iter().any(in_message)
        || message.enum_type.iter().any(in_enum)
        || message.field.iter().chain(&message.extension).any(in_field)
        || message.oneof_decl.iter().any(|oneof| is_uninterpreted!(oneof))
        || message.extension_range.iter().any(|range| is_uninterpreted!(range))
}

fn in_enum(descriptor: &EnumDescriptorProto) -> bool {
    is_uninterpreted!(descriptor) || descriptor.value.iter().any(|value| is_uninterpreted!(value))
}

fn in_field(field: &FieldDescriptorProto) -> bool {
    is_uninterpreted!(field)
}

#[cfg(test)]
mod tests {
    use prost_reflect::prost_types::{
        EnumOptions, FieldOptions, FileOptions, MessageOptions, UninterpretedOption, uninterpreted_option::NamePart,
    };

    use super::*;

    fn deep() -> Vec<UninterpretedOption> {
        let part = NamePart { name_part: "part".to_owned(), is_extension: false };
        vec![UninterpretedOption { name: vec![part; 100_000], ..UninterpretedOption::default() }]
    }

    fn read(file: &FileDescriptorProto) -> Result<FileDescriptorProto, Error> {
        compiled(&BASE64_STANDARD.encode(file.encode_to_vec())).expect("it is base64")
    }

    #[test]
    fn descriptors_with_uninterpreted_options_are_refused_wherever_they_are() {
        let plain = FileDescriptorProto {
            name: Some("plain.proto".to_owned()),
            message_type: vec![DescriptorProto { name: Some("Event".to_owned()), ..DescriptorProto::default() }],
            options: Some(FileOptions { deprecated: Some(true), ..FileOptions::default() }),
            ..FileDescriptorProto::default()
        };
        assert_eq!(read(&plain).expect("a descriptor"), plain);

        let options = FileOptions { uninterpreted_option: deep(), ..FileOptions::default() };
        let in_file = FileDescriptorProto { options: Some(options), ..plain.clone() };
        let options = MessageOptions { uninterpreted_option: deep(), ..MessageOptions::default() };
        let message = DescriptorProto { options: Some(options), ..DescriptorProto::default() };
        let nested = DescriptorProto { nested_type: vec![message], ..DescriptorProto::default() };
        let in_nested = FileDescriptorProto { message_type: vec![nested], ..plain.clone() };
        let options = FieldOptions { uninterpreted_option: deep(), ..FieldOptions::default() };
        let field = FieldDescriptorProto { options: Some(options), ..FieldDescriptorProto::default() };
        let message = DescriptorProto { field: vec![field], ..DescriptorProto::default() };
        let in_field = FileDescriptorProto { message_type: vec![message], ..plain.clone() };
        let options = EnumOptions { uninterpreted_option: deep(), ..EnumOptions::default() };
        let descriptor = EnumDescriptorProto { options: Some(options), ..EnumDescriptorProto::default() };
        let in_enum = FileDescriptorProto { enum_type: vec![descriptor], ..plain };
        for file in [in_file, in_nested, in_field, in_enum] {
            let error = read(&file).expect_err("uninterpreted options");
            assert!(error.to_string().contains("did not interpret"), "{error}");
        }
    }

    #[test]
    fn the_text_of_a_schema_is_not_a_descriptor() {
        assert!(compiled("syntax = \"proto3\";").is_none());
        assert!(compiled(" \n").is_none());
        assert!(compiled("AAAA").expect("it is base64").is_err());
    }
}
