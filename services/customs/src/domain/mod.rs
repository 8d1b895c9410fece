//! Pure: articles, profiles, questions and declarations decided from what is given.

pub mod answer;
pub mod contents;
pub mod decide;
pub mod export;
pub mod facts;
pub mod lacks;
pub mod profile;
pub mod question;
pub mod records;
pub mod restricted;
pub mod scheme;
pub mod sku;
pub mod way_back;
