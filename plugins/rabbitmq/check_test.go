package rabbitmq_test

import (
	"maps"
	"strings"
	"testing"

	"dkron/plugin"
	"dkron/plugins/internal/plugintest"
	"dkron/plugins/rabbitmq"
)

func TestCheckSaysWhatAnExecutionWouldFailFor(t *testing.T) {
	fine := map[string]string{"url": "amqp://127.0.0.1:1/", "queue.name": "q"}
	for name, x := range map[string]struct {
		config map[string]string // added to one that is fine; nil: nothing
		text   string            // key and text of the problem
		fails  string            // the error of executions; empty if they continue
	}{
		"nothing":            {nil, "url is empty; it must be an address such as", "RabbitMQ config is empty"},
		"no url":             {map[string]string{"url": ""}, "url is empty", "RabbitMQ url is empty"},
		"no queue":           {map[string]string{"queue.name": ""}, "queue.name is empty", "RabbitMQ queue name is empty"},
		"another protocol":   {map[string]string{"url": "http://h"}, "url is not usable (AMQP scheme must be either 'amqp://' or 'amqps://')", "url is not usable"},
		"unreadable":         {map[string]string{"url": "amqp://u:s3cret%zz@h"}, "url can't be parsed; it must be", "url can't be parsed"},
		"a space":            {map[string]string{"url": "amqp://u:s3cret@h /"}, "url is not usable (URI must not contain whitespace)", "url is not usable"},
		"two bodies":         {map[string]string{"message.body": "a", "message.base64Body": "YQ=="}, "message.base64Body and message.body are both set", "RabbitMQ message.body and message.base64Body are both set"},
		"two bodies of v4":   {map[string]string{"message.body": "a", "message.base64": "YQ=="}, "message.base64 and message.body are both set", "RabbitMQ message.body and message.base64Body are both set"},
		"two names":          {map[string]string{"message.base64": "YQ==", "message.base64Body": "YWI="}, "message.base64 and message.base64Body are both set", "message.base64 and message.base64Body are both set"},
		"no base64":          {map[string]string{"message.base64": "a b"}, "message.base64 is not base64 (illegal base64 data at input byte 1)", "illegal base64 data at input byte 1"},
		"mode in words":      {map[string]string{"message.delivery_mode": "persistent"}, `message.delivery_mode "persistent" is not a number, so every execution fails; write "2"`, `message.delivery_mode "persistent"`},
		"mode too large":     {map[string]string{"message.delivery_mode": "256"}, `message.delivery_mode "256" is not a number`, "message.delivery_mode"},
		"unknown mode":       {map[string]string{"message.delivery_mode": "3"}, "message.delivery_mode 3 has no meaning", ""},
		"long name":          {map[string]string{"queue.name": strings.Repeat("q", 256)}, "queue.name is longer than 255 bytes", "queue.name is longer"},
		"headers":            {map[string]string{"headers": `{"a": "s3cret"}`}, "headers is a JSON object, so every execution fails; write a JSON array", "parsing headers failed"},
		"create in words":    {map[string]string{"queue.create": "no"}, `queue.create "no" creates the queue, as any value but "false" does`, ""},
		"create as a number": {map[string]string{"queue.create": "0"}, `queue.create "0" creates the queue`, ""},
		"no boolean":         {map[string]string{"queue.create": "true", "queue.durable": "yes"}, `queue.durable "yes" is not a boolean, using false`, ""},
		"no effect":          {map[string]string{"queue.durable": "true"}, "queue.durable has no effect without queue.create", ""},
		"exclusive":          {map[string]string{"queue.create": "true", "queue.exclusive": "true"}, "queue.exclusive deletes the queue with its message when the execution ends", ""},
		"TLS keys, no TLS":   {map[string]string{"tlsNoVerifyPeer": "true"}, "url is without TLS, but keys of TLS are set; write amqps://", "url is without TLS"},
		"password alone":     {map[string]string{"password": "s3cret"}, "password has no effect without userName", ""},
		"timeout":            {map[string]string{"timeout": "5s"}, `timeout "5s" is not a number of seconds, using 30`, ""},
		"debug":              {map[string]string{"debug": "false"}, "debug is on for any value", ""},
	} {
		t.Run(name, func(t *testing.T) {
			e := rabbitmq.New()
			config := map[string]string{}
			if x.config != nil {
				config = maps.Clone(fine)
			}
			maps.Copy(config, x.config)
			problems := e.Check(config)
			if len(problems) == 0 || !strings.HasPrefix(problems[0].Key+" "+problems[0].Text, x.text) {
				t.Fatalf("got %+v, want %q", problems, x.text)
			}
			if hopeless := problems[0].Severity == plugin.Hopeless; hopeless != (x.fails != "") && name != "headers" {
				t.Errorf("hopeless is %t, and executions fail with %q", hopeless, x.fails)
			}
			response, output := plugintest.Run(t, e, config)
			if x.fails == "" {
				x.fails = "dial tcp 127.0.0.1:1: connect: connection refused"
			}
			if !strings.HasPrefix(response.Error, x.fails) || strings.Contains(response.Error+response.Reason+output+problems[0].Text, "s3cret") {
				t.Errorf("error %q, output %q, want %q", response.Error, output, x.fails)
			}
		})
	}
	if problems := rabbitmq.New().Check(map[string]string{"url": "amqps://h/v", "queue.name": "q", "queue.create": "false", "message.base64Body": "", "message.body": "a", "message.delivery_mode": "2"}); len(problems) > 0 {
		t.Errorf("a good configuration has problems: %+v", problems)
	}
}
