// Package openapicheck holds requests and their answers against the description of the API in api/openapi.yaml, so that
// no test can pass with an answer that the document does not tell of.
//
// An answer must have a status, a content type, headers and a body that are described; fields beyond the described ones
// are refused too. A request is held against the document if it was accepted: one that was refused was wrong on purpose.
package openapicheck
