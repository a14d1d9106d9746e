package request

import (
	"encoding/hex"
	"reflect"
	"testing"
	"time"

	"dkron"
	"dkron/internal/codec"
)

var (
	aRecord   = dkron.Record{Job: dkron.Job{Name: "job", Retries: 3}, Progress: dkron.Progress{SuccessCount: 9}}
	aRerun    = dkron.Rerun{Number: 4, Filter: "f"}
	aPolicy   = dkron.Policy{Name: "p", Rules: "{}"}
	aToken    = dkron.Token{Accessor: "a", Type: dkron.ClientToken}
	aPerson   = dkron.Person{Issuer: "i", Subject: "s", Type: dkron.ClientToken}
	aSecret   = dkron.Secret{Name: "s", Sealed: []byte("x")}
	aChannel  = dkron.Channel{Name: "c", Type: "mail"}
	aRule     = dkron.Rule{Name: "r", On: []dkron.AlertEvent{"failed"}}
	aSilence  = dkron.Silence{Number: 3, Reason: "work"}
	aMessage  = dkron.Message{Number: 3, Channel: "c"}
	anAlert   = dkron.Alert{Number: 3, Rule: "r"}
	aReport   = dkron.CheckIn{State: dkron.CheckInFail, From: "h", Output: []byte("o")}
	aLaunched = dkron.Launched{Launch: dkron.Launch{Job: "job", Group: 5}, Before: aRecord}
)

// messages is a request of each kind and a reply of each type with every field set, and their bytes. Nodes of other
// versions send and expect these: a difference breaks calls between servers during an upgrade.
var messages = []struct {
	message codec.Message
	bytes   string
}{
	{&AckAlert{Alert: 3, Note: "on it"}, "080312056f6e206974"},
	{&AddSilence{aSilence, 7}, "0a" + sized(&aSilence) + "1007"},
	{&DeleteChannel{"x"}, "0a0178"},
	{&DeleteRule{"x"}, "0a0178"},
	{&DeleteSecret{"x", true}, "0a01781001"},
	{&SetSecret{aSecret, 3, true}, "0a" + sized(&aSecret) + "10031801"},
	{&Secret{aSecret}, "12" + sized(&aSecret)},
	{&EndSession{"a", []byte("h"), &aPerson}, "0a01611201681a" + sized(&aPerson)},
	{&EndSilence{3}, "0803"},
	{&ResendMessage{3}, "0803"},
	{&SetChannel{aChannel}, "0a" + sized(&aChannel)},
	{&SetRule{aRule}, "0a" + sized(&aRule)},
	{&TryChannel{"x"}, "0a0178"},
	{&CheckIn{"x", aReport}, "0a017812" + sized(&aReport)},
	{&ClearExecutions{Job: "x"}, "0a0178"},
	{&Configure{dkron.Settings{History: dkron.Retention{Count: 7, Age: time.Hour, Bytes: 8}, TotalBytes: 9}}, "0a0b08071080c0e285e36818081009"},
	{&CreateToken{Token: aToken, First: true, Again: true}, "0a" + sized(&aToken) + "10011801"},
	{&DeletePolicy{"p"}, "0a0170"},
	{&DeleteToken{"a"}, "0a0161"},
	{&DeleteJob{Job: "x", Stop: &dkron.Stop{At: time.Unix(1, 2).UTC(), By: "me", Reason: "old"}}, "0a01781a0f0a040801100212026d651a036f6c64"},
	{&LaunchJob{Job: "x", Change: &dkron.Change{Env: map[string]string{"A": "b"}, Payload: &dkron.Payload{Text: "p"}}, Alone: true}, "0a0178120d0a060a014112016212030a01701801"},
	{&OpenSession{"a", []byte("h"), &aPerson, 7}, "0a01611201681a" + sized(&aPerson) + "2007"},
	{&ReadIndex{}, ""},
	{&RerunLaunch{Job: "x", Group: 5, Alone: true}, "0a017810051801"},
	{&RerunLaunches{Records: []uint64{1, 2}, Filter: "f", Alone: true}, "0801080212016618" + "01"},
	{&Restore{[]dkron.Record{aRecord, aRecord}}, "0a" + sized(&aRecord) + "0a" + sized(&aRecord)},
	{&RevertJob{"x", 3}, "0a01781003"},
	{&RunJob{"x", dkron.CauseManual}, "0a017812066d616e75616c"},
	{&SetJob{aRecord}, "0a" + sized(&aRecord.Job) + "12" + sized(&aRecord.Progress)},
	{&SetPaused{true}, "0801"},
	{&SetPolicy{aPolicy}, "0a" + sized(&aPolicy)},
	{&Stop{dkron.StopTarget{Job: "x", Group: 1, Execution: "e"}, "why"}, "0a080a017810011a01651203776879"},
	{&StopLaunches{Launches: []uint64{1, 2}, Reason: "why"}, "080108021203776879"},
	{&StopRerun{Number: 3, Reason: "why"}, "08031203776879"},
	{&ToggleJob{Job: "x"}, "0a0178"},

	{&Alert{anAlert}, "12" + sized(&anAlert)},
	{&Channel{aChannel}, "12" + sized(&aChannel)},
	{&Message{aMessage}, "12" + sized(&aMessage)},
	{&Rule{aRule}, "12" + sized(&aRule)},
	{&Silence{aSilence}, "12" + sized(&aSilence)},
	{&Done{}, ""},
	{&Launched{aLaunched}, "12" + sized(&aLaunched)},
	{&Rerun{aRerun}, "12" + sized(&aRerun)},
	{&Restored{[]string{"a", "b"}}, "120161120162"},
	{&Stopped{3}, "1003"},
	{&Stored{aRecord}, "12" + sized(&aRecord)},
}

func TestMessagesKeepTheirBytes(t *testing.T) {
	tested := make(map[reflect.Type]bool)
	for _, m := range messages {
		typ := reflect.TypeOf(m.message)
		tested[typ] = true
		if got := hex.EncodeToString(codec.Encode(m.message)); got != m.bytes {
			t.Errorf("%s: servers of other versions would not understand it: the bytes are %s and were %s", typ, got, m.bytes)
		}
		if reply := !isRequest(m.message); reply && len(m.bytes) > 0 && codec.Encode(m.message)[0]>>3 < 2 {
			t.Errorf("%s: field 1 of a reply belongs to the index", typ)
		}
		fields := reflect.ValueOf(m.message).Elem()
		for i := range fields.NumField() {
			if fields.Field(i).IsZero() {
				t.Errorf("%s: %s is not tested", typ, fields.Type().Field(i).Name)
			}
		}
		back := reflect.New(typ.Elem()).Interface().(codec.Message)
		if err := codec.Decode(codec.Encode(m.message), back); err != nil || !reflect.DeepEqual(m.message, back) {
			t.Errorf("%s: %+v became %+v, %v", typ, m.message, back, err)
		}
	}
	for k := range Kinds() {
		if !tested[reflect.TypeOf(k.New())] || !tested[reflect.TypeOf(k.Reply())] {
			t.Errorf("the bytes of %T or of its reply, %T, are not tested", k.New(), k.Reply())
		}
	}
}

// sized is a short message of the vocabulary after its length. Its own bytes are tested elsewhere.
func sized(m codec.Message) string {
	b := codec.Encode(m)
	return hex.EncodeToString(append([]byte{byte(len(b))}, b...))
}

func isRequest(m codec.Message) bool {
	_, ok := m.(Request)
	return ok
}

func FuzzDecode(f *testing.F) {
	var zeros []func() codec.Message
	for k := range Kinds() {
		zeros = append(zeros, func() codec.Message { return k.New() }, func() codec.Message { return k.Reply() })
	}
	for i := range zeros {
		f.Add(byte(i), []byte{0x0a, 0x02, 0x0a, 0x00, 0x12, 0x01, 0x78})
	}
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		m := zeros[int(which)%len(zeros)]()
		if err := codec.Decode(data, m); err == nil {
			codec.Encode(m)
		}
	})
}
