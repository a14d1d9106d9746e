package gcppubsub

import (
	"encoding/json"

	"dkron/plugin"
)

// Describe returns the JSON Schema of the configuration.
func (*Executor) Describe() json.RawMessage {
	return plugin.Schema{
		Description: "Publishes one message to a topic of Google Cloud Pub/Sub.",
		Properties: []plugin.Property{
			{Name: "project", Required: true, Title: "Project", Description: "The id of the project.", Examples: []string{"my-project"}},
			{Name: "topic", Required: true, Title: "Topic", Description: "The id of the topic.", Examples: []string{"nightly"}},
			{
				Name: "data", Title: "Message", ContentEncoding: "base64", Role: plugin.Payload,
				Description: "The message. It can be empty if there are attributes.",
				Examples:    []string{"aGVsbG8="},
			},
			{
				Name: "attributes", Title: "Attributes", ContentMediaType: plugin.MediaJSON, ContentSchema: plugin.Pairs(),
				Description: "Attributes of the message. dkron-launch-id is added, unless it is set.",
				Examples:    []string{`{"origin": "scheduler"}`},
			},
			{
				Name: "orderingKey", Title: "Ordering key", Advanced: true,
				Description: "Messages with the same key arrive in their order, if the subscription asks for it.",
				Examples:    []string{"customer-17"},
			},
			{
				Name: "timeout", Title: "Timeout in seconds", Format: plugin.Integer, Default: "15",
				Description: "For connection, retries and answer together, in whole seconds. 0 means no limit.",
			},
			{
				Name: "credentialsFile", Title: "Credentials", Advanced: true,
				Description: "A file on the node with the key of a service account. Without it, the node's default credentials.",
				Examples:    []string{"/etc/dkron/pubsub.json"},
			},
			{
				Name: "endpoint", Title: "Endpoint", Advanced: true,
				Description: "Another host than Google's usual one, such as a region's. With http:// before it, that of an emulator, without TLS and credentials.",
				Examples:    []string{"us-east1-pubsub.googleapis.com:443", "http://localhost:8085"},
			},
		},
	}.JSON()
}
