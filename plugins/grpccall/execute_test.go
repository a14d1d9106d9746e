package grpccall_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron/plugin"
	"dkron/plugins/grpccall"
	"dkron/plugins/internal/plugintest"
)

// expected is what an execution has to come to. Texts are parts; an empty one means that there is none.
type expected struct{ failure, reason, output string }

func check(t *testing.T, want expected, response *plugin.ExecuteResponse, output string) {
	t.Helper()
	if response.Error != want.failure && (want.failure == "" || !strings.Contains(response.Error, want.failure)) {
		t.Errorf("error %q, want %q", response.Error, want.failure)
	}
	if !strings.Contains(response.Reason, want.reason) || want.reason == "" && response.Reason != "" {
		t.Errorf("reason %q, want %q", response.Reason, want.reason)
	}
	if want.output != output && (want.output == "" || !strings.Contains(output, want.output)) {
		t.Errorf("output %q, want %q", output, want.output)
	}
}

func TestAMethodIsCalledWithEitherVersionOfReflection(t *testing.T) {
	for name, reflect := range map[string]reflectionOf{"both": both, "v1": onlyV1, "v1alpha": onlyV1Alpha} {
		t.Run(name, func(t *testing.T) {
			s := start(t, reflect)
			e := grpccall.New()
			for range 2 { // the second knows the method already
				response, output := plugintest.Run(t, e, map[string]string{"url": s.url("UnaryCall"), "body": `{"payload": {"body": "YWJj"}}`})
				check(t, expected{output: `{"payload":{},"username":"user abc"}` + "\nStatus: OK\n"}, response, strings.ReplaceAll(output, `"username":"user abc","payload":{}`, `"payload":{},"username":"user abc"`))
			}
		})
	}
}

func TestAServerWithoutReflectionIsNamed(t *testing.T) {
	s := start(t, none)
	response, output := plugintest.Run(t, grpccall.New(), map[string]string{"url": s.url("UnaryCall")})
	check(t, expected{failure: "Failed querying reflection server: ", reason: "does not offer reflection, by which the messages are learned; switch on"}, response, output)
}

func TestStatusesAreJudged(t *testing.T) {
	s := start(t, both)
	e := grpccall.New()
	notFound := `{"responseStatus": {"code": 5, "message": "no such user"}}`
	for name, x := range map[string]struct {
		config map[string]string
		want   expected
	}{
		"another status": {map[string]string{"body": notFound}, expected{
			"server returned NotFound code, expected OK", "answered NotFound (5): no such user, expected OK", "Status: NotFound (5): no such user\n"}},
		"expected by number": {map[string]string{"body": notFound, "expectCode": "5"}, expected{"", "", "Status: NotFound (5): no such user\n"}},
		"expected by name":   {map[string]string{"body": notFound, "expectCode": "OK, NOT_FOUND"}, expected{"", "", "Status: NotFound (5): no such user\n"}},
		"OK is not expected": {map[string]string{"expectCode": "NotFound,3"}, expected{"server returned OK code, expected NotFound or InvalidArgument", "answered OK", "Status: OK\n"}},
		"unknown method":     {map[string]string{"url": s.url("Nothing")}, expected{`Failed querying reflection server: service "grpc.testing.TestService" does not include a method named "Nothing"`, "check the names in url", ""}},
		"unknown service":    {map[string]string{"url": s.addr + "/no.Service/Nothing"}, expected{"Failed querying reflection server: the server has no service no.Service", "check the names in url", ""}},
		"unknown field":      {map[string]string{"body": `{"nothing": 1}`}, expected{"Failed querying reflection server: proto: ", `unknown field "nothing"`, ""}},
		"two messages":       {map[string]string{"body": `{} {}`}, expected{"Failed querying reflection server: it has 2 messages, but the method takes one", "body does not fit the method", ""}},
		"method with a dot":  {map[string]string{"url": "grpc://" + s.addr + "/" + service + ".UnaryCall"}, expected{"", "", "Status: OK\n"}},
		"unimplemented":      {map[string]string{"url": s.url("EmptyCall")}, expected{"server returned Unimplemented code, expected OK", "answered Unimplemented (12)", "Status: Unimplemented"}},
		"reflection refused": {map[string]string{"headers": `["X-Refuse: yes"]`}, expected{"Failed querying reflection server: ", "does not allow reflection with these headers", ""}},
		"plain, but TLS":     {map[string]string{"url": "grpcs://" + s.url("UnaryCall")}, expected{"Failed querying reflection server: ", "does not speak TLS on this port", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			if x.config["url"] == "" {
				x.config["url"] = s.url("UnaryCall")
			}
			response, output := plugintest.Run(t, e, x.config)
			check(t, x.want, response, output)
		})
	}
}

func TestStreams(t *testing.T) {
	s := start(t, both)
	e := grpccall.New()
	response, output := plugintest.Run(t, e, map[string]string{"url": s.url("StreamingInputCall"), "body": `{"payload":{"body":"YWI="}}{"payload":{"body":"YQ=="}}`})
	check(t, expected{output: `{"aggregatedPayloadSize":3}` + "\nStatus: OK\n"}, response, output)
	response, output = plugintest.Run(t, e, map[string]string{"url": s.url("StreamingOutputCall"), "body": `{"responseParameters":[{"size":1},{"size":3}],"responseStatus":{"code":9,"message":"enough"}}`})
	check(t, expected{"server returned FailedPrecondition code, expected OK", "enough", `{"payload":{"body":"YQ=="}}` + "\n" + `{"payload":{"body":"YWFh"}}` + "\nStatus: FailedPrecondition (9): enough\n"}, response, output)
	response, output = plugintest.Run(t, e, map[string]string{"url": s.url("FullDuplexCall"), "body": `{}{}`})
	check(t, expected{output: `{"payload":{"body":"MQ=="}}` + "\n" + `{"payload":{"body":"Mg=="}}` + "\nStatus: OK\n"}, response, output)
}

// An answer of a stream is in the output while the stream is open, and a stop ends the call.
func TestAnswersAreWrittenAsTheyArriveAndAStopEndsAtOnce(t *testing.T) {
	s := start(t, both)
	ctx, stop := context.WithCancelCause(t.Context())
	out := &plugintest.Output{Wrote: func() { stop(plugin.ErrStopped) }}
	config := map[string]string{"url": s.url("StreamingOutputCall"), "body": `{"responseParameters":[{"size":1},{"size":-1}]}`, "timeout": "0"}
	response, err := grpccall.New().Execute(ctx, plugintest.Request(config), out)
	if err != nil || !strings.HasPrefix(response.Error, plugin.ErrStopped.Error()) || response.TimedOut || !strings.HasPrefix(out.String(), `{"payload":{"body":"YQ=="}}`) {
		t.Errorf("%+v, %v, output %q", response, err, out)
	}
}

func TestHeadersAndTheLaunchAreSent(t *testing.T) {
	s := start(t, both)
	run := func(headers string) {
		t.Helper()
		response, output := plugintest.Run(t, grpccall.New(), map[string]string{"url": s.url("UnaryCall"), "headers": headers})
		check(t, expected{output: "Status: OK"}, response, output)
	}
	run(`["Authorization: Bearer a:b", "x-data-bin: AAEC", "host: greeter.example.com"]`)
	md := <-s.got
	for name, want := range map[string]string{
		"authorization": "Bearer a:b", "x-data-bin": "\x00\x01\x02", ":authority": "greeter.example.com",
		"dkron-launch-id": "launch-1", "dkron-execution-id": "execution-1", "dkron-attempt": "1",
	} {
		if got := strings.Join(md.Get(name), "|"); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	run(`["dkron-launch-id: mine"]`)
	if md := <-s.got; strings.Join(md.Get("dkron-launch-id"), "|") != "mine" {
		t.Errorf("the job's own header does not replace ours: %v", md)
	}
}

func TestTLS(t *testing.T) {
	ours, others := plugintest.NewCertificates(t), plugintest.NewCertificates(t)
	plain, mutual := start(t, both, withTLS(t, ours, false)), start(t, both, withTLS(t, ours, true))
	for name, x := range map[string]struct {
		s      *server
		config map[string]string
		want   expected
	}{
		"authority":            {plain, map[string]string{"tlsRootCAsFile": ours.Authority}, expected{output: "Status: OK"}},
		"any certificate":      {plain, map[string]string{"tlsNoVerifyPeer": "true"}, expected{output: "Status: OK"}},
		"unknown authority":    {plain, map[string]string{"url": "grpcs://" + plain.url("UnaryCall")}, expected{failure: "Failed querying reflection server: ", reason: "name the authority's file in tlsRootCAsFile"}},
		"other authority":      {plain, map[string]string{"tlsRootCAsFile": others.Authority}, expected{failure: "Failed querying reflection server: ", reason: "tlsRootCAsFile"}},
		"no TLS":               {plain, map[string]string{}, expected{failure: "Failed querying reflection server: ", reason: "write grpcs:// if it wants TLS"}},
		"client certificate":   {mutual, map[string]string{"tlsRootCAsFile": ours.Authority, "tlsCertificateFile": ours.Certificate, "tlsCertificateKeyFile": ours.Key}, expected{output: "Status: OK"}},
		"without its own":      {mutual, map[string]string{"tlsRootCAsFile": ours.Authority}, expected{failure: "Failed querying reflection server: ", reason: "127.0.0.1"}},
		"a file that is gone":  {plain, map[string]string{"tlsRootCAsFile": "/no/such/file"}, expected{failure: "TLS file: stat /no/such/file: no such file or directory"}},
		"a file without a PEM": {plain, map[string]string{"tlsRootCAsFile": ours.Key}, expected{failure: "no certificate in"}},
	} {
		t.Run(name, func(t *testing.T) {
			if x.config["url"] == "" {
				x.config["url"] = x.s.url("UnaryCall")
			}
			response, output := plugintest.Run(t, grpccall.New(), x.config)
			check(t, x.want, response, output)
		})
	}
}

func TestATimeoutEndsTheCall(t *testing.T) {
	s := start(t, both)
	response, output := plugintest.Run(t, grpccall.New(), map[string]string{"url": s.url("UnaryCall"), "body": `{"responseStatus": {"message": "wait"}}`, "timeout": "1"})
	check(t, expected{"server returned DeadlineExceeded code, expected OK", "", "Status: DeadlineExceeded"}, &plugin.ExecuteResponse{Error: response.Error}, output)
	if !response.TimedOut {
		t.Errorf("not timed out: %+v", response)
	}
}

func TestRunsShareAConnectionAndWhatIsKnown(t *testing.T) {
	s := start(t, both)
	e := grpccall.New()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 50 {
				if response, _ := plugintest.Run(t, e, map[string]string{"url": s.url("UnaryCall")}); response.Error != "" {
					t.Error(response.Error)
					return
				}
			}
		})
	}
	wg.Wait()
	if n := s.accepted.Load(); n != 1 {
		t.Errorf("1,000 runs made %d connections", n)
	}
	if n := s.asked.Load(); n > 20 { // those that came before the first answer
		t.Errorf("1,000 runs asked %d times for the method", n)
	}
}

// A connection that could not be made is not what later runs get.
func TestAServerThatComesBackIsReachedAtOnce(t *testing.T) {
	e := grpccall.New()
	dead := plugintest.Refusing(t)
	for range 3 {
		response, _ := plugintest.Run(t, e, map[string]string{"url": dead + "/" + service + "/UnaryCall", "timeout": "5"})
		check(t, expected{failure: "connection refused", reason: "nothing accepts connections at " + dead}, response, "")
	}
	startAt(t, dead, both)
	response, output := plugintest.Run(t, e, map[string]string{"url": dead + "/" + service + "/UnaryCall"})
	check(t, expected{output: "Status: OK"}, response, output)
}

func TestHostileServers(t *testing.T) {
	for name, x := range map[string]struct {
		addr string
		want expected
	}{
		"refused": {plugintest.Refusing(t), expected{failure: "connection refused", reason: "nothing accepts connections at"}},
		"silent":  {plugintest.Hostile(t, plugintest.Silent), expected{failure: "Failed querying reflection server: context deadline exceeded", reason: "timed out after 1 s while asking "}},
		"garbage": {plugintest.Hostile(t, plugintest.Garbage), expected{failure: "Failed querying reflection server: ", reason: "does not answer as gRPC"}},
		"web":     {plugintest.Hostile(t, plugintest.Web), expected{failure: "Failed querying reflection server: ", reason: "check "}},
		"reset":   {plugintest.Hostile(t, plugintest.Reset), expected{failure: "Failed querying reflection server: ", reason: "check "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			memory := plugintest.Memory()
			response, output := plugintest.Run(t, grpccall.New(), map[string]string{"url": x.addr + "/" + service + "/UnaryCall", "timeout": "1"})
			check(t, x.want, response, output)
			if took := time.Since(began); took > time.Minute || response.TimedOut != (name == "silent") {
				t.Errorf("took %v, %+v", took, response)
			}
			if most := memory(); most > 64<<20 {
				t.Errorf("took %d bytes", most)
			}
		})
	}
}

func TestAHugeAnswerIsNotRead(t *testing.T) {
	s := start(t, both)
	response, output := plugintest.Run(t, grpccall.New(), map[string]string{"url": s.url("UnaryCall"), "body": `{"responseSize": 104857600}`, "expectCode": "0,8"})
	check(t, expected{"server returned ResourceExhausted code", "an answer is larger than 4 MiB", "Status: ResourceExhausted"}, response, output)
}

func TestTheExampleOfTheGuideWorks(t *testing.T) {
	s := start(t, both)
	config := plugintest.Example(t, "grpc", "localhost:50051", s.addr)
	if problems := grpccall.New().Check(config); len(problems) > 0 {
		t.Errorf("%+v", problems)
	}
	response, output := plugintest.Run(t, grpccall.New(), config)
	check(t, expected{output: `{"payload":{"body":"AAAA"}`}, response, strings.ReplaceAll(output, `"username":"user ",`, ""))
}
