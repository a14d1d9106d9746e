package codec_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"dkron"
	"dkron/internal/codec"
)

// vocabulary is every type of package dkron that describes itself.
var vocabulary = map[string]func() codec.Message{
	"Assignment":   func() codec.Message { return new(dkron.Assignment) },
	"Catchup":      func() codec.Message { return new(dkron.Catchup) },
	"Chunk":        func() codec.Message { return new(dkron.Chunk) },
	"DST":          func() codec.Message { return new(dkron.DST) },
	"Due":          func() codec.Message { return new(dkron.Due) },
	"Execution":    func() codec.Message { return new(dkron.Execution) },
	"ExecutionKey": func() codec.Message { return new(dkron.ExecutionKey) },
	"ExecutionRef": func() codec.Message { return new(dkron.ExecutionRef) },
	"ExitCode":     func() codec.Message { return new(dkron.ExitCode) },
	"FromNode":     func() codec.Message { return new(dkron.FromNode) },
	"Job":          func() codec.Message { return new(dkron.Job) },
	"Launch":       func() codec.Message { return new(dkron.Launch) },
	"Launched":     func() codec.Message { return new(dkron.Launched) },
	"Order":        func() codec.Message { return new(dkron.Order) },
	"Progress":     func() codec.Message { return new(dkron.Progress) },
	"Record":       func() codec.Message { return new(dkron.Record) },
	"Result":       func() codec.Message { return new(dkron.Result) },
	"Backoff":      func() codec.Message { return new(dkron.Backoff) },
	"Parent":       func() codec.Message { return new(dkron.Parent) },
	"Placement":    func() codec.Message { return new(dkron.Placement) },
	"Retention":    func() codec.Message { return new(dkron.Retention) },
	"Rewound":      func() codec.Message { return new(dkron.Rewound) },
	"Span":         func() codec.Message { return new(dkron.Span) },
	"Settings":     func() codec.Message { return new(dkron.Settings) },
	"Stop":         func() codec.Message { return new(dkron.Stop) },
	"StopTarget":   func() codec.Message { return new(dkron.StopTarget) },
	"ToNode":       func() codec.Message { return new(dkron.ToNode) },
	"Change":       func() codec.Message { return new(dkron.Change) },
	"High":         func() codec.Message { return new(dkron.High) },
	"LaunchEnd":    func() codec.Message { return new(dkron.LaunchEnd) },
	"NodeLoad":     func() codec.Message { return new(dkron.NodeLoad) },
	"Payload":      func() codec.Message { return new(dkron.Payload) },
	"Rerun":        func() codec.Message { return new(dkron.Rerun) },
	"Usage":        func() codec.Message { return new(dkron.Usage) },

	"Policy": func() codec.Message { return new(dkron.Policy) },
	"Token":  func() codec.Message { return new(dkron.Token) },

	"Delivered":      func() codec.Message { return new(dkron.Delivered) },
	"Delivery":       func() codec.Message { return new(dkron.Delivery) },
	"DeliveryStat":   func() codec.Message { return new(dkron.DeliveryStat) },
	"DeliveryStats":  func() codec.Message { return new(dkron.DeliveryStats) },
	"DeliveryTarget": func() codec.Message { return new(dkron.DeliveryTarget) },
	"Alert":          func() codec.Message { return new(dkron.Alert) },
	"Attempt":        func() codec.Message { return new(dkron.Attempt) },
	"Breach":         func() codec.Message { return new(dkron.Breach) },
	"CheckIn":        func() codec.Message { return new(dkron.CheckIn) },
	"CheckedIn":      func() codec.Message { return new(dkron.CheckedIn) },
	"Objectives":     func() codec.Message { return new(dkron.Objectives) },
	"Session":        func() codec.Message { return new(dkron.Session) },
	"Person":         func() codec.Message { return new(dkron.Person) },
	"Channel":        func() codec.Message { return new(dkron.Channel) },
	"ChannelStat":    func() codec.Message { return new(dkron.ChannelStat) },
	"Match":          func() codec.Message { return new(dkron.Match) },
	"Message":        func() codec.Message { return new(dkron.Message) },
	"Occurrence":     func() codec.Message { return new(dkron.Occurrence) },
	"Quiet":          func() codec.Message { return new(dkron.Quiet) },
	"Rule":           func() codec.Message { return new(dkron.Rule) },
	"Secret":         func() codec.Message { return new(dkron.Secret) },
	"SecretQuestion": func() codec.Message { return new(dkron.SecretQuestion) },
	"SecretAnswer":   func() codec.Message { return new(dkron.SecretAnswer) },
	"SecretValue":    func() codec.Message { return new(dkron.SecretValue) },
	"Silence":        func() codec.Message { return new(dkron.Silence) },
	"Replaced":       func() codec.Message { return new(dkron.Replaced) },
	"Origin":         func() codec.Message { return new(dkron.Origin) },
	"AuditNote":      func() codec.Message { return new(dkron.AuditNote) },
	"AuditRecord":    func() codec.Message { return new(dkron.AuditRecord) },
}

// unwritten are the fields that are deliberately not on the wire.
var unwritten = map[string]bool{"Due.Tags": true}

// fill sets every field of v to a unique value, lists and maps to one element.
func fill(t *testing.T, v reflect.Value, next *int) {
	*next++
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(int64(1_700_000_000+*next), int64(*next)).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("s" + strings.Repeat("x", *next%7) + string(rune('A'+*next%26)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(-int64(*next))
	case reflect.Uint64, reflect.Uint32:
		v.SetUint(uint64(*next) + 300)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), next)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte{byte(*next), 0, 0xff})
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), next)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(t, key, next)
		fill(t, value, next)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Struct:
		for i := range v.NumField() {
			if !unwritten[v.Type().Name()+"."+v.Type().Field(i).Name] {
				fill(t, v.Field(i), next)
			}
		}
	default:
		t.Fatalf("fill: %s is a kind that this test does not know", v.Type())
	}
}

func filled(t *testing.T, m codec.Message) codec.Message {
	next := 0
	fill(t, reflect.ValueOf(m).Elem(), &next)
	return m
}

func TestVocabularyIsTestedWhole(t *testing.T) {
	files, err := filepath.Glob("../../*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	var found []string
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Name.Name != "Fields" || fn.Recv == nil {
				continue
			}
			if star, ok := fn.Recv.List[0].Type.(*ast.StarExpr); ok && star.X.(*ast.Ident).IsExported() {
				found = append(found, star.X.(*ast.Ident).Name)
			}
		}
	}
	slices.Sort(found)
	if want := slices.Sorted(maps.Keys(vocabulary)); !slices.Equal(found, want) {
		t.Fatalf("types with Fields: %v\ntypes tested here: %v", found, want)
	}
}

func TestEveryFieldSurvivesTheRoundTrip(t *testing.T) {
	for name, fresh := range vocabulary {
		t.Run(name, func(t *testing.T) {
			in := filled(t, fresh())
			out := fresh()
			if err := codec.Decode(codec.Encode(in), out); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(in, out) {
				t.Fatalf("wrote %+v\nread  %+v", in, out)
			}
			if err := codec.Decode(codec.Encode(fresh()), out); err != nil {
				t.Fatal(err)
			}
			zero := fresh()
			if err := codec.Decode(codec.Encode(zero), zero); err != nil || !reflect.DeepEqual(zero, fresh()) {
				t.Fatalf("a zero value reads back as %+v, %v", zero, err)
			}
		})
	}
}

// numbers returns the field numbers of a message in the order of the wire.
func numbers(t *testing.T, data []byte) (out []protowire.Number) {
	t.Helper()
	for len(data) > 0 {
		num, _, n := protowire.ConsumeField(data)
		if n < 0 {
			t.Fatalf("what is written is no protobuf: %v", protowire.ParseError(n))
		}
		out = append(out, num)
		data = data[n:]
	}
	return out
}

func TestNumbersAscendAndNoneIsUsedTwice(t *testing.T) {
	for name, fresh := range vocabulary {
		nums := numbers(t, codec.Encode(filled(t, fresh())))
		for i := 1; i < len(nums); i++ {
			if nums[i] <= nums[i-1] {
				t.Errorf("%s: number %d follows %d", name, nums[i], nums[i-1])
			}
		}
	}
}

// newer adds fields with unused numbers between and after the fields of data.
func newer(t *testing.T, data []byte) []byte {
	used := map[protowire.Number]bool{}
	for _, n := range numbers(t, data) {
		used[n] = true
	}
	var out []byte
	alien := func(num protowire.Number) {
		if used[num] {
			return
		}
		out = protowire.AppendVarint(protowire.AppendTag(out, num, protowire.VarintType), 7)
		out = protowire.AppendString(protowire.AppendTag(out, num, protowire.BytesType), "newer")
		out = protowire.AppendFixed32(protowire.AppendTag(out, num, protowire.Fixed32Type), 7)
		out = protowire.AppendFixed64(protowire.AppendTag(out, num, protowire.Fixed64Type), 7)
		out = protowire.AppendGroup(protowire.AppendTag(out, num, protowire.StartGroupType), num, protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 1))
	}
	last := protowire.Number(0)
	for len(data) > 0 {
		num, _, n := protowire.ConsumeField(data)
		for a := last + 1; a < num; a++ {
			alien(a)
		}
		out = append(out, data[:n]...)
		data, last = data[n:], num
	}
	alien(last + 1)
	alien(5000)
	return out
}

func TestFieldsOfNewerVersionsAreSkipped(t *testing.T) {
	for name, fresh := range vocabulary {
		in := filled(t, fresh())
		out := fresh()
		if err := codec.Decode(newer(t, codec.Encode(in)), out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(in, out) {
			t.Errorf("%s: wrote %+v\nread %+v", name, in, out)
		}
	}
}

func TestFieldOfAnotherTypeIsSkipped(t *testing.T) {
	data := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 7) // a string here
	data = protowire.AppendString(protowire.AppendTag(data, 2, protowire.BytesType), "UTC")
	var j dkron.Job
	if err := codec.Decode(data, &j); err != nil || j.Name != "" || j.Timezone != "UTC" {
		t.Fatalf("%+v, %v", j, err)
	}
}

func TestTruncatedInputIsAnErrorOrAPrefix(t *testing.T) {
	for name, fresh := range vocabulary {
		whole := codec.Encode(filled(t, fresh()))
		ends := map[int]bool{0: true}
		for rest := whole; len(rest) > 0; {
			_, _, n := protowire.ConsumeField(rest)
			rest = rest[n:]
			ends[len(whole)-len(rest)] = true
		}
		for n := range whole {
			if err := codec.Decode(whole[:n], fresh()); (err == nil) != ends[n] {
				t.Errorf("%s cut at %d of %d: error %v, although a field ends there is %t", name, n, len(whole), err, ends[n])
			}
		}
	}
}

func TestGarbageAfterTheLastKnownFieldIsAnError(t *testing.T) {
	if err := codec.Decode([]byte{0x08, 0x01, 0x10, 0x02, 0xff}, new(dkron.ExecutionKey)); err == nil {
		t.Fatal("half a tag is taken")
	}
}

func TestGarbageWithinANestedMessageIsAnError(t *testing.T) {
	data := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), []byte{0x08, 0x01, 0x10, 0x02, 0xff})
	if err := codec.Decode(data, new(dkron.Order)); err == nil {
		t.Fatal("half a tag after the last known field of a nested message is accepted")
	}
}

func TestBytesReadAreCopies(t *testing.T) {
	data := codec.Encode(&dkron.Chunk{Data: []byte("abc")})
	var c dkron.Chunk
	if err := codec.Decode(data, &c); err != nil {
		t.Fatal(err)
	}
	clear(data)
	if string(c.Data) != "abc" {
		t.Fatalf("data is %q: the input shows through", c.Data)
	}
}

func TestEmptyBytesReadBackAsNil(t *testing.T) {
	data := protowire.AppendBytes(protowire.AppendTag(nil, 3, protowire.BytesType), nil)
	var c dkron.Chunk
	if err := codec.Decode(data, &c); err != nil || c.Data != nil {
		t.Fatalf("%#v, %v", c.Data, err)
	}
}

func TestEqualMapsHaveEqualBytes(t *testing.T) {
	a := &dkron.Order{Config: map[string]string{}}
	for c := 'a'; c <= 'z'; c++ {
		a.Config[string(c)] = "v"
	}
	first := string(codec.Encode(a))
	for range 20 {
		b := &dkron.Order{Config: maps.Clone(a.Config)}
		if string(codec.Encode(b)) != first {
			t.Fatal("the bytes depend on the order of the map")
		}
	}
}

func TestLongNestedMessagesKeepTheirLength(t *testing.T) {
	for _, n := range []int{0, 1, 100, 123, 124, 125, 126, 127, 128, 129, 16_370, 16_380, 16_383, 16_384, 1 << 21} {
		in := &dkron.FromNode{Chunks: []dkron.Chunk{{Offset: 1, Data: make([]byte, n)}, {Offset: 2}}}
		out := new(dkron.FromNode)
		if err := codec.Decode(codec.Encode(in), out); err != nil || len(out.Chunks) != 2 || len(out.Chunks[0].Data) != n || out.Chunks[1].Offset != 2 {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
}

// Several goroutines may encode the same value: the race detector fails the test if encoding changes it.
// internal/layers proves the same of the types outside the vocabulary.
func TestEncodingOnlyReads(t *testing.T) {
	for _, fresh := range vocabulary {
		m := filled(t, fresh())
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { codec.Encode(m) })
		}
		both.Wait()
	}
}

// jobOfV4 is a job as v4 writes it.
func jobOfV4() []byte {
	str := func(b []byte, num protowire.Number, s string) []byte {
		return protowire.AppendString(protowire.AppendTag(b, num, protowire.BytesType), s)
	}
	num := func(b []byte, num protowire.Number, v uint64) []byte {
		return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), v)
	}
	msg := func(b []byte, num protowire.Number, body []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), body)
	}
	pair := func(k, v string) []byte { return str(str(nil, 1, k), 2, v) }
	stamp := func(sec, nanos uint64) []byte { return num(num(nil, 1, sec), 2, nanos) }
	null := func(sec, nanos uint64) []byte { return msg(num(nil, 1, 1), 2, stamp(sec, nanos)) }

	b := str(nil, 1, "backup")
	b = str(b, 2, "Europe/Rome")
	b = str(b, 3, "@every 1m")
	b = str(b, 7, "ann")
	b = str(b, 8, "ann@example.org")
	b = num(b, 9, 5)  // success_count
	b = num(b, 10, 6) // error_count
	b = num(b, 11, 1)
	b = msg(b, 12, pair("role", "db:1"))
	b = msg(b, 12, pair("dc", "a"))
	b = num(b, 13, 4)
	b = str(b, 14, "child1")
	b = str(b, 14, "child2")
	b = str(b, 15, "mother")
	b = str(b, 16, "forbid")
	b = str(b, 17, "shell")
	b = msg(b, 18, pair("command", "true"))
	b = str(b, 19, "success") // status
	b = msg(b, 20, pair("team", "ops"))
	b = msg(b, 23, stamp(1_700_000_000, 0)) // next
	b = str(b, 24, "Backup")
	b = msg(b, 25, null(1_600_000_000, 0)) // last_success
	b = msg(b, 26, null(1_600_000_001, 0)) // last_error
	b = msg(b, 27, msg(str(nil, 1, "files"), 2, msg(nil, 1, pair("forward", "true"))))
	b = num(b, 28, 1)
	b = msg(b, 29, null(1_900_000_000, 5))
	b = msg(b, 30, null(1_800_000_000, 6))
	return b
}

func TestJobHasTheNumbersOfTheV4Protocol(t *testing.T) {
	want := dkron.Job{
		Name: "backup", Timezone: "Europe/Rome", Schedule: "@every 1m", Owner: "ann", OwnerEmail: "ann@example.org",
		Disabled: true, Tags: map[string]string{"role": "db:1", "dc": "a"}, Retries: 4,
		DependentJobs: []string{"child1", "child2"}, ParentJob: "mother", Concurrency: dkron.Forbid, Executor: "shell",
		ExecutorConfig: map[string]string{"command": "true"}, Metadata: map[string]string{"team": "ops"},
		DisplayName: "Backup", Processors: map[string]map[string]string{"files": {"forward": "true"}}, Ephemeral: true,
		ExpiresAt: time.Unix(1_900_000_000, 5).UTC(), StartsAt: time.Unix(1_800_000_000, 6).UTC(),
	}
	var got dkron.Job
	if err := codec.Decode(jobOfV4(), &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("read %+v\nwant %+v", got, want)
	}

	// What v4 reads of our encoding, without the numbers that are progress here and our own above 30.
	var ours []protowire.Number
	for _, n := range numbers(t, codec.Encode(&want)) {
		if n <= 30 {
			ours = append(ours, n)
		} else if n < 64 {
			t.Errorf("number %d is neither v4's nor in our range", n)
		}
	}
	if v4 := []protowire.Number{1, 2, 3, 7, 8, 11, 12, 12, 13, 14, 14, 15, 16, 17, 18, 20, 24, 27, 28, 29, 30}; !slices.Equal(ours, v4) {
		t.Fatalf("numbers written: %v, want %v", ours, v4)
	}
}

func TestFinishOfAV4ExecutionThatRunsIsZero(t *testing.T) {
	year1 := int64(-62135596800)
	stamp := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(year1))
	var e dkron.Execution
	if err := codec.Decode(protowire.AppendBytes(protowire.AppendTag(nil, 8, protowire.BytesType), stamp), &e); err != nil || !e.FinishedAt.IsZero() {
		t.Fatalf("%v, %v", e.FinishedAt, err)
	}
}

func FuzzDecode(f *testing.F) {
	names := slices.Sorted(maps.Keys(vocabulary))
	for i, name := range names {
		m := vocabulary[name]()
		next := 0
		fill(new(testing.T), reflect.ValueOf(m).Elem(), &next)
		f.Add(byte(i), codec.Encode(m))
	}
	f.Add(byte(0), []byte{})
	f.Add(byte(3), []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		fresh := vocabulary[names[int(which)%len(names)]]
		m := fresh()
		if codec.Decode(data, m) != nil {
			return
		}
		// What was read can be written again, and reads back the same.
		bytes := codec.Encode(m)
		again := fresh()
		if err := codec.Decode(bytes, again); err != nil {
			t.Fatalf("what was written can't be read: %v", err)
		}
		if string(codec.Encode(again)) != string(bytes) {
			t.Fatalf("%+v\nbecame %+v", m, again)
		}
	})
}
