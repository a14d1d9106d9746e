package command

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// messages is the feed, newest first.
func (l ledger) messages() (all []*dkron.Message) {
	l.t.Helper()
	l.view(func(tx *state.Tx) error {
		return tx.Messages(func(m *dkron.Message) bool { all = append(all, m); return true })
	})
	return all
}

// came records what came of an attempt.
func (l ledger) came(delivery uint64, channel string, s dkron.DeliveryState, why string, after time.Duration) {
	l.t.Helper()
	must[any](l.t, l.machine, &Deliver{Results: []dkron.Delivered{{Number: delivery, Target: channel, State: s, Error: why}}, Now: noon.Add(after)})
}

func (l ledger) resend(number uint64, channels ...string) (*dkron.Message, error) {
	l.t.Helper()
	result := l.apply(&Resend{Number: number, Now: noon.Add(48 * time.Hour), By: "ann", Notifying: Notifying{channels}})[0]
	if err, ok := result.(error); ok {
		return nil, err
	}
	return result.(*dkron.Message), nil
}

// sending returns the delivery that sends a dead letter again.
func (l ledger) sending(message uint64) (found *dkron.Delivery) {
	l.t.Helper()
	l.view(func(tx *state.Tx) error {
		return tx.EachDelivery(0, func(d *dkron.Delivery) bool {
			if d.Message == message {
				found = d
			}
			return true
		})
	})
	return found
}

// update changes the state in an entry of its own.
func (l ledger) update(fn func(tx *state.Tx) error) {
	l.t.Helper()
	l.index++
	if err := l.store.Update(l.index, fn); err != nil {
		l.t.Fatal(err)
	}
}

func TestANoticeThatIsGivenUpIsADeadLetterAndIsSentAgain(t *testing.T) {
	l := newNotifying(t)
	l.launch("n1")
	l.ends(dkron.Failed, time.Minute)
	for _, name := range []string{dkron.ChannelMail, dkron.ChannelCronitor} {
		l.came(2, name, dkron.DeliveryDone, "", 2*time.Minute)
	}
	l.came(2, dkron.ChannelWebhook, dkron.Undelivered, "refused", 3*time.Minute)
	l.came(2, dkron.ChannelWebhook, dkron.DeliveryFailed, "refused again", 25*time.Hour)
	all := l.messages()
	if len(all) != 1 {
		t.Fatalf("%d messages", len(all))
	}
	m := all[0]
	if m.Channel != "settings:webhook" || m.Setting() != "webhook-endpoint" || m.State != dkron.MessageFailed || m.Error != "refused again" || m.Attempts != 2 ||
		m.Occurrences[0].Title() != "a failed" || !m.EndedAt.Equal(noon.Add(25*time.Hour)) {
		t.Errorf("%+v", m)
	}
	id := dkron.NoticeID(m.Notice.Kind, m.Notice.Copy)
	if _, err := l.resend(m.Number, dkron.ChannelMail); !errors.Is(err, dkron.ErrConflict) || !strings.Contains(err.Error(), "webhook-endpoint") {
		t.Errorf("a leader without the setting: %v", err)
	}
	if m, err := l.resend(m.Number, dkron.ChannelWebhook); err != nil || m.State != dkron.MessageWaiting || m.By != "ann" || m.Attempts != 0 {
		t.Fatalf("%+v, %v", m, err)
	}
	again := l.sending(m.Number)
	if again == nil || dkron.NoticeID(again.Kind, again.Copy) != id || !again.At.Equal(noon.Add(48*time.Hour)) {
		t.Fatalf("no delivery with the id of the first attempt: %+v", again)
	}
	before := again.Number
	l.came(before, dkron.ChannelWebhook, dkron.Undelivered, "still down", 49*time.Hour)
	if m := l.messages()[0]; m.Attempts != 1 || m.Error != "still down" || m.State != dkron.MessageWaiting {
		t.Errorf("%+v", m)
	}
	if _, err := l.resend(m.Number, dkron.ChannelWebhook); err != nil { // while it waits
		t.Fatal(err)
	}
	if again = l.sending(m.Number); again == nil || again.Number == before {
		t.Errorf("it is not tried at once: %+v", again)
	}
	l.came(again.Number, dkron.ChannelWebhook, dkron.DeliveryDone, "", 50*time.Hour)
	if all := l.messages(); len(all) != 1 || all[0].State != dkron.MessageSent || all[0].Error != "" {
		t.Errorf("%+v", all[0])
	}
	l.view(func(tx *state.Tx) error {
		if all, notices := tx.Undelivered(); all != 1 || notices != 1 { // that of the start
			t.Errorf("%d deliveries, %d notices", all, notices)
		}
		return nil
	})
}

func TestAMomentIsKeptAndNotSentAgain(t *testing.T) {
	l := newNotifying(t)
	l.launch("n1")
	for _, name := range []string{dkron.ChannelCronitor, dkron.ChannelPreWebhook} {
		l.came(1, name, dkron.DeliveryFailed, "503", time.Hour)
	}
	all := l.messages()
	if len(all) != 2 || all[0].Occurrences[0].Title() != "a started" {
		t.Fatalf("%+v", all)
	}
	for _, m := range all {
		if _, err := l.resend(m.Number, allChannels.Channels...); !errors.Is(err, dkron.ErrConflict) || !strings.Contains(err.Error(), m.Setting()) {
			t.Errorf("%s: %v", m.Channel, err)
		}
	}
}

func TestWhatNobodyIsToGetLeavesNoDeadLetter(t *testing.T) {
	l := newNotifying(t)
	l.launch("n1")
	l.ends(dkron.Success, time.Minute)
	l.came(2, dkron.ChannelMail, dkron.DeliveryDropped, "", time.Hour)
	if all := l.messages(); len(all) != 0 {
		t.Errorf("%+v", all[0])
	}
	l.came(2, dkron.ChannelWebhook, dkron.DeliveryDropped, "the settings of s1 have none", time.Hour)
	if all := l.messages(); len(all) != 1 || all[0].Occurrences[0].Event != dkron.AlertSucceeded || all[0].State != dkron.MessageFailed {
		t.Errorf("%+v", all)
	}
}

func TestDeadLettersAreBoundedAndLeaveTheMessagesOfChannelsAlone(t *testing.T) {
	l := newRuled(t, on("each", dkron.AlertFailed))
	must[*dkron.Message](t, l.machine, &TryChannel{Channel: "c", Now: noon})
	l.update(func(tx *state.Tx) error {
		tx.Tick(noon)
		for i := range dkron.MaxMessages + 5 {
			e := &dkron.Execution{JobName: "a", Group: int64(i), NodeName: "n1", Output: bytes.Repeat([]byte("x"), 2*dkron.MaxLetterOutput)}
			if i > 3 {
				e.Output = nil
			}
			if err := tx.AddLetter(&dkron.Delivery{Kind: dkron.DeliverEnd, Job: "a", Copy: e, At: noon}, dkron.ChannelWebhook, "no"); err != nil {
				return err
			}
			if m, err := tx.Message(uint64(i) + 2); err != nil || len(m.Notice.Copy.Output) > dkron.MaxLetterOutput {
				return fmt.Errorf("letter %d: %v", i, err)
			}
		}
		return nil
	})
	all := l.messages()
	if len(all) != dkron.MaxMessages+1 || all[len(all)-1].Channel != "c" || all[0].Number != dkron.MaxMessages+6 || all[len(all)-2].Number != 7 {
		t.Errorf("%d messages, from %d to %d", len(all), all[0].Number, all[len(all)-1].Number)
	}
	l.update(func(tx *state.Tx) error {
		tx.Tick(noon.Add(8 * 24 * time.Hour))
		return tx.AddLetter(&dkron.Delivery{Kind: dkron.DeliverEnd, Job: "a", At: noon}, dkron.ChannelWebhook, "no")
	})
	if all := l.messages(); len(all) != 2 {
		t.Errorf("%d messages after a week", len(all))
	}
}

func TestADroppedNoticeIsADeadLetter(t *testing.T) {
	l := newNotifying(t)
	l.launch("n1")
	l.ends(dkron.Success, time.Minute)
	l.came(2, dkron.ChannelMail, dkron.DeliveryDone, "", time.Hour)
	l.came(2, dkron.ChannelCronitor, dkron.DeliveryDone, "", time.Hour)
	l.update(func(tx *state.Tx) error {
		tx.Tick(noon.Add(8 * 24 * time.Hour))
		return tx.AddDelivery(&dkron.Delivery{Kind: dkron.DeliverOutput, Job: "a", At: noon.Add(8 * 24 * time.Hour)})
	})
	var lines []string
	for _, m := range l.messages() {
		lines = append(lines, m.Channel+" "+string(m.State)+" "+m.Error[:14])
	}
	if got := strings.Join(lines, ", "); got != "settings:webhook failed it was dropped, settings:pre-webhook failed it was dropped, settings:cronitor failed it was dropped" {
		t.Error(got)
	}
}

func TestRemindersPauseWhileTheJobIsDisabled(t *testing.T) {
	r := on("each", dkron.AlertFailed)
	r.Remind = time.Hour
	l := newRuled(t, r)
	revision := uint64(1)
	disabled := func(off bool, after time.Duration) {
		t.Helper()
		c := job("a", func(j *dkron.Job) { j.OwnerEmail, j.Disabled, j.UpdatedBy = "ops@example.com", off, "bob" }).on(revision)
		c.Now = noon.Add(after)
		must[*dkron.Record](t, l.machine, c)
		revision++
	}
	remind := func(after time.Duration) { must[any](t, l.machine, &Remind{Alerts: []uint64{1}, Now: noon.Add(after)}) }
	l.runs(dkron.Failed, 0)
	disabled(true, time.Minute)
	l.wantWaits("each disabled 1", "each failed 1")
	remind(61 * time.Minute)
	l.wantWaits("each disabled 1", "each failed 1")
	disabled(false, 70*time.Minute)
	remind(129 * time.Minute) // a whole pause after it was enabled
	l.wantWaits("each disabled 1", "each failed 1")
	remind(131 * time.Minute)
	l.wantWaits("each disabled 1", "each failed 1", "each reminder 1")
	must[*dkron.Alert](t, l.machine, &Ack{Alert: 1, Now: noon.Add(132 * time.Minute), By: "ann"})
	disabled(true, 133*time.Minute)
	l.wantWaits("each disabled 1", "each failed 1", "each reminder 1")
}

func TestTheAlertOfADeletedJobEndsWhereItsRecoveryWouldHaveBeenReported(t *testing.T) {
	l := newRuled(t, on("over", dkron.AlertFailed, dkron.AlertRecovered), on("plain", dkron.AlertFailed))
	l.runs(dkron.Failed, 0)
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	l.wantWaits("over deleted 1", "over failed 1", "plain failed 1")
	l.view(func(tx *state.Tx) error {
		if all, err := tx.Alerts(); err != nil || len(all) > 0 {
			t.Errorf("%+v, %v", all, err)
		}
		return nil
	})
}
