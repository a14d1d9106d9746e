// Package awstest is a server that speaks the JSON protocol of ECS and of CloudWatch Logs, as AWS's API references describe it. It is
// written without the SDK, so that a mistake of the client is not one of the server too. Tests say what a task does.
package awstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Region is where the server is.
const Region = "eu-test-1"

// KeyID is the access key that the server knows; AssumedKeyID is that of a role that was assumed.
const (
	KeyID        = "AKIDTEST"
	AssumedKeyID = "ASIATEST"
)

// Kind is something that goes wrong with a request.
type Kind int

// What can go wrong.
const (
	Fine     Kind = iota
	Throttle      // refused: too many requests
	Internal      // refused: an error of the server
	Hang          // no answer
	Garbage       // an answer of another program
	Huge          // an answer without an end, a hundred megabytes
	Lose          // done, and the connection breaks before the answer
	Deny          // refused: no right to it
)

// Server is ECS and CloudWatch Logs.
type Server struct {
	URL string

	t    testing.TB
	work func(*Task) End
	quit chan struct{}

	mu          sync.Mutex // guards the rest
	fault       func(operation string, n int) Kind
	full        string // why tasks are not placed
	counts      map[string]int
	definitions map[string][]map[string]any // by family
	tasks       []*Task
}

// New starts a server whose tasks do some work, with the task definition "report" of one container.
func New(t testing.TB, work func(*Task) End) *Server {
	t.Helper()
	s := &Server{t: t, work: work, quit: make(chan struct{}), counts: make(map[string]int), definitions: make(map[string][]map[string]any)}
	s.Define(Definition("report", Container("main", true)))
	h := httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = h.URL
	t.Cleanup(func() {
		close(s.quit)
		h.CloseClientConnections()
		h.Close()
	})
	return s
}

// Break sets what goes wrong with the nth request for an operation, counted from 1.
func (s *Server) Break(fault func(operation string, n int) Kind) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// Fill leaves no place for tasks, for a reason.
func (s *Server) Fill(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = reason
}

// Definition is a task definition.
func Definition(family string, containers ...map[string]any) map[string]any {
	return map[string]any{"family": family, "containerDefinitions": containers, "networkMode": "awsvpc"}
}

// Container is a container of a task definition that writes to CloudWatch Logs.
func Container(name string, essential bool) map[string]any {
	return map[string]any{"name": name, "image": "busybox", "essential": essential, "logConfiguration": map[string]any{
		"logDriver": "awslogs", "options": map[string]any{"awslogs-group": "/ecs/test", "awslogs-region": Region, "awslogs-stream-prefix": "run"},
	}}
}

// Define registers a task definition, and returns its ARN.
func (s *Server) Define(d map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.define(d)
}

func (s *Server) define(d map[string]any) string {
	family := d["family"].(string)
	d["revision"] = len(s.definitions[family]) + 1
	d["taskDefinitionArn"] = fmt.Sprintf("arn:aws:ecs:%s:123456789012:task-definition/%s:%d", Region, family, d["revision"])
	d["status"] = "ACTIVE"
	s.definitions[family] = append(s.definitions[family], d)
	return d["taskDefinitionArn"].(string)
}

// Tasks returns the tasks that were started.
func (s *Server) Tasks() []*Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Task(nil), s.tasks...)
}

// Count is how often an operation was asked for.
func (s *Server) Count(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[operation]
}

// failure is an error of an API.
type failure struct {
	code, text string
	more       map[string]any
}

var (
	credential = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/[0-9]{8}/([a-z0-9-]+)/([a-z]+)/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}$`)
	targets    = map[string]string{"AmazonEC2ContainerServiceV20141113": "ecs", "Logs_20140328": "logs"}
)

func (s *Server) serve(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	service, operation, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	if form := req.Header.Get("Content-Type"); strings.HasPrefix(form, "application/x-www-form-urlencoded") {
		operation = "AssumeRole"
	} else if form != "application/x-amz-json-1.1" || req.Method != http.MethodPost || req.URL.Path != "/" || targets[service] == "" {
		s.t.Errorf("a request that is none of the protocol: %s %s, %q, %q", req.Method, req.URL, form, req.Header.Get("X-Amz-Target"))
	}
	signed := credential.FindStringSubmatch(req.Header.Get("Authorization"))
	if signed == nil || operation != "AssumeRole" && (signed[2] != Region || signed[3] != targets[service]) || req.Header.Get("X-Amz-Date") == "" {
		s.t.Errorf("%s: not signed: %q", operation, req.Header.Get("Authorization"))
		return
	}
	s.mu.Lock()
	s.counts[operation]++
	n, fault := s.counts[operation], s.fault
	s.mu.Unlock()
	kind := Fine
	if fault != nil {
		kind = fault(operation, n)
	}
	if s.spoiled(w, operation, kind) {
		return
	}
	if signed[1] != KeyID && signed[1] != AssumedKeyID {
		fail(w, &failure{code: "UnrecognizedClientException", text: "The security token included in the request is invalid."})
		return
	}
	if operation == "AssumeRole" {
		s.assume(w, string(body))
		return
	}
	var in map[string]any
	if err := json.Unmarshal(body, &in); err != nil {
		s.t.Errorf("%s: %v", operation, err)
	}
	out, failed := s.do(operation, in, signed[1])
	switch {
	case kind == Lose:
		panic(http.ErrAbortHandler)
	case failed != nil:
		fail(w, failed)
	default:
		answer(w, http.StatusOK, out)
	}
}

// spoiled lets a request go wrong before it is carried out.
func (s *Server) spoiled(w http.ResponseWriter, operation string, kind Kind) bool {
	switch kind {
	case Throttle:
		fail(w, &failure{code: "ThrottlingException", text: "Rate exceeded"})
	case Internal:
		answer(w, http.StatusInternalServerError, map[string]any{"__type": "ServerException", "message": "Service Unavailable. Please try again later."})
	case Hang:
		<-s.quit
	case Garbage:
		_, _ = w.Write(bytes.Repeat([]byte("<html>garbage"), 1000))
	case Huge:
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_, _ = io.WriteString(w, `{"x":"`)
		for range 100 {
			if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
				break
			}
		}
	case Deny:
		fail(w, &failure{code: "AccessDeniedException", text: "User: arn:aws:sts::123456789012:assumed-role/node/i-1 is not authorized to perform: " + operation})
	default:
		return false
	}
	return true
}

func fail(w http.ResponseWriter, f *failure) {
	out := map[string]any{"__type": f.code, "message": f.text}
	for key, value := range f.more {
		out[key] = value
	}
	answer(w, http.StatusBadRequest, out)
}

func answer(w http.ResponseWriter, status int, out any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Requestid", "6a1f0d4e-0000-4000-8000-000000000000")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

// assume answers AssumeRole, which has another protocol.
func (s *Server) assume(w http.ResponseWriter, form string) {
	if !strings.Contains(form, "ExternalId=outside") || !strings.Contains(form, "RoleSessionName=dkron") {
		s.t.Errorf("AssumeRole: %s", form)
	}
	w.Header().Set("Content-Type", "text/xml")
	_, _ = fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>%s</AccessKeyId>`+
		`<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`, AssumedKeyID)
}
