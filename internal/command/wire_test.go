package command

import (
	"fmt"
	"strings"
	"testing"

	"dkron/internal/codec"
	"dkron/internal/codec/codectest"
	"dkron/internal/compat"
)

func TestWireFormIsKept(t *testing.T) {
	codectest.Suite{
		Release: compat.Release,
		Holds:   "Raft logs",
		Types: []codec.Message{
			new(SetJob), new(DeleteJob), new(Clear), new(Run), new(Fire), new(Assign), new(Finish), new(Pause), new(Stop), new(Configure),
			new(Restore), new(Stage), new(records), new(Identify), new(Rewind), new(Agree), new(Rerun), new(Relaunch), new(Relaunched), new(StopRerun), new(Deliver), new(Clean), new(SetPolicy), new(DeletePolicy), new(CreateToken), new(DeleteToken),
			new(SetChannel), new(DeleteChannel), new(SetRule), new(DeleteRule), new(AddSilence), new(EndSilence), new(Compose), new(Sent),
			new(Resend), new(TryChannel), new(Ack), new(Remind), new(Overdue), new(OpenSession), new(EndSession), new(Breached), new(CheckIn),
			new(SetAuthority), new(Expel), new(SetSecret), new(DeleteSecret), new(Audited),
		},
		Unwritten: []string{"Fire.next"},
	}.Check(t)
}

// The kinds are on people's disks, in the first byte of every log entry.
func TestKindsAreKept(t *testing.T) {
	kept := map[Kind]string{
		1: "SetJob", 2: "DeleteJob", 3: "Clear", 4: "Run", 5: "Fire", 6: "Assign", 7: "Finish", 8: "Pause", 9: "Stop", 10: "Configure",
		11: "Restore", 12: "Stage", 16: "Identify", 20: "Rewind", 21: "Agree",
		22: "Rerun", 23: "Relaunch", 24: "StopRerun", 25: "Deliver",
		40: "SetChannel", 41: "DeleteChannel", 42: "SetRule", 43: "DeleteRule", 44: "AddSilence", 45: "EndSilence", 46: "Compose", 47: "Sent",
		48: "Resend", 49: "TryChannel", 50: "Ack", 51: "Remind", 52: "SetPolicy", 53: "DeletePolicy", 54: "CreateToken", 55: "DeleteToken", 56: "Overdue",
		57: "OpenSession", 58: "EndSession", 59: "Breached", 60: "CheckIn", 61: "SetAuthority", 62: "Expel", 63: "SetSecret", 64: "DeleteSecret", 65: "Audited", 128: "Clean",
	}
	for kind, name := range kept {
		is := "nothing"
		if c, err := decode([]byte{byte(kind)}); err == nil {
			is = strings.TrimPrefix(fmt.Sprintf("%T", c), "*command.")
		}
		if is != name {
			t.Errorf("kind %d was %s and is now %s: Raft logs written by 0.1.0 and later could no longer be read. Give a new command a new number", kind, name, is)
		}
	}
	for kind := range kinds {
		if kept[kind] == "" {
			t.Errorf("kind %d is new: add it to the list of this test, which is never changed otherwise", kind)
		}
	}
}
