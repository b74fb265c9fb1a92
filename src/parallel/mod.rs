//! Work on several threads, which live for one call.
//!
//! Only what is in here starts threads; what they do lies below, and knows of no thread.

pub mod batch;
pub mod instances;
pub mod pool;
pub mod split;
pub mod surfaces;
mod tasks;
pub mod weighted;
