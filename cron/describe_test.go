package cron_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"dkron/cron"
)

const (
	atZero = "On days 1 to 7, the weekday nearest to day 5, the day before the last day and the last weekday of the month at 00:00"
	hashed = " (~ is a number made from the job's name)"
)

var meanings = [][2]string{
	{"* * * * * *", "Every second"},
	{"*/10 * * * * *", "Every 10 seconds"},
	{"1,5 * * * * *", "At seconds 1 and 5 of every minute"},
	{"*/7 * * * * *", "Every 7 seconds from second 0 to 56 of every minute"},
	{"*/10 5 * * * *", "Every 10 seconds of minute 5 of every hour"},
	{"*/10 * 9-17 * * *", "Every 10 seconds from 09:00 to 17:59:50"},
	{"0-5 0 3 * * *", "Every second from second 0 to 5 of minute 0 of hour 3"},
	{"0 * * * * *", "Every minute"}, {"* * * * *", "Every minute"}, {"0-59/1 * * * *", "Every minute"},
	{"30 * * * * *", "Every minute at second 30"},
	{"0 */15 * * * *", "Every 15 minutes"}, {"*/15 * * * *", "Every 15 minutes"},
	{"30 */5 * * * *", "Every 5 minutes at second 30"},
	{"5/15 * * * *", "Every 15 minutes from minute 5 to 50 of every hour"},
	{"*/7 * * * *", "Every 7 minutes from minute 0 to 56 of every hour"},
	{"0-10 * * * *", "Every minute from minute 0 to 10 of every hour"},
	{"5,20 * * * *", "At minutes 5 and 20 of every hour"},
	{"0,1,2,20 * * * *", "At minutes 0 to 2 and 20 of every hour"},
	{"0 0 * * * *", "Every hour"}, {"5 * * * *", "Every hour at minute 5"},
	{"30 5 * * * *", "Every hour at minute 5 and second 30"},
	{"0 0 */6 * * *", "Every 6 hours"}, {"0 30 */6 * * *", "Every 6 hours at minute 30"},
	{"0 0 */12 * * *", "Every day at 00:00 and 12:00"},
	{"0 0 */5 * * *", "Every 5 hours from 00:00 to 20:00"},
	{"0 0 9-17 * * MON-FRI", "Every hour from 09:00 to 17:00, Monday to Friday"},
	{"0 30 9-17 * * *", "Every hour from 09:30 to 17:30"},
	{"0 */15 9-17 * * *", "Every 15 minutes from 09:00 to 17:45"},
	{"0 5/15 9-17 * * *", "Every 15 minutes from 09:05 to 17:50"},
	{"0 * 9-17 * * *", "Every minute from 09:00 to 17:59"},
	{"0 */15 1,3 * * *", "Every 15 minutes of hours 1 and 3"},
	{"0 0 1,2,5,7,11 * * *", "At minute 0 of hours 1, 2, 5, 7 and 11"},
	{"0 5,20 1,2,5,7 * * *", "At minutes 5 and 20 of hours 1, 2, 5 and 7"},
	{"0 30 3 * * *", "Every day at 03:30"}, {"15 30 3 * * *", "Every day at 03:30:15"},
	{"0 0 9,13,17 * * *", "Every day at 09:00, 13:00 and 17:00"},
	{"0 0 0 * * MON,THU", "Every Monday and Thursday at 00:00"},
	{"0 0 0 * * MON-FRI", "Every day from Monday to Friday at 00:00"},
	{"0 0 0 * * SAT,SUN", "Every Saturday and Sunday at 00:00"},
	{"0 0 0 * * MON#1", "On the 1st Monday of the month at 00:00"},
	{"0 0 0 * * FRIL", "On the last Friday of the month at 00:00"},
	{"0 0 0 * * MON,5#2", "On Monday and the 2nd Friday of the month at 00:00"},
	{"0 0 0 * 1 FRI#2", "On the 2nd Friday of January at 00:00"},
	{"0 0 0 * 1 MON,FRI#2", "On Monday and the 2nd Friday of the month at 00:00, in January"},
	{"0 0 0 1 * *", "On day 1 of the month at 00:00"},
	{"0 0 0 1,15 * *", "On days 1 and 15 of the month at 00:00"},
	{"0 0 0 L * *", "On the last day of the month at 00:00"},
	{"0 0 0 15W * ?", "On the weekday nearest to day 15 of the month at 00:00"},
	{"0 0 0 L-3 * *", "On the day 3 days before the last day of the month at 00:00"},
	{"0 0 0 L-1,LW,5W,1-7 * *", atZero},
	{"0 0 0 */2 * *", "Every 2 days from day 1 to 31 of the month at 00:00"},
	{"0 0 0 1 * MON", "On day 1 of the month or on Monday at 00:00"},
	{"0 0 0 1 1 MON", "On day 1 of the month or on Monday at 00:00, in January"},
	{"0 0 0 1-31 * MON", "Every day at 00:00"},
	{"0 0 0 30 2 *", "Never: no year has such a day (on day 30 of February at 00:00)"},
	{"0 0 0 31 4,6 *", "Never: no year has such a day (on day 31 of the month at 00:00, in April and June)"},
	{"0 0 0 29 2 *", "On day 29 of February at 00:00"},
	{"*/90 * * * *", "Every hour (*/90 is only minute 0)"}, {"0 0 */36 * * *", "Every day at 00:00 (*/36 is only hour 0)"},
	{"*/60 * * * *", "Every hour"}, {"*/90 */36 * * *", "Every day at 00:00 (*/90 is only minute 0 and */36 is only hour 0)"},
	{"@every -5m", "Every 1 second from the job's creation (-5m is less than that)"},
	{"TZ=UTC @every 0s", "Every 1 second from the job's creation (0s is less than that) (UTC)"},
	{"0 0 0 * 1-3 *", "Every day at 00:00, from January to March"},
	{"0 */10 * * 1,7 MON-FRI", "Every 10 minutes, Monday to Friday, in January and July"},
	{"0 */10 * 1 1 *", "Every 10 minutes, on day 1 of January"},
	{"@yearly", "On day 1 of January at 00:00"}, {"@monthly", "On day 1 of the month at 00:00"}, {"@weekly", "Every Sunday at 00:00"},
	{"@daily", "Every day at 00:00"}, {"@hourly", "Every hour"}, {"@minutely", "Every minute"}, {"@manually", "Only by hand"},
	{"@every 90s", "Every 1 minute 30 seconds"}, {"@every 15m", "Every 15 minutes from the job's creation"},
	{"@every 25h0m1s", "Every 25 hours 1 second"}, {"@every 1ms", "Every 1 second from the job's creation"},
	{"@at 2030-01-31T12:00:00Z", "Once, on 31 January 2030 at 12:00 (UTC)"},
	{"@at 2030-01-31T12:00:00.5-02:30", "Once, on 31 January 2030 at 12:00:00.5 (UTC-02:30)"},
	{"@after 2030-01-31T12:00:00Z <PT2H1.5S", "Once, on 31 January 2030 at 12:00 (UTC), or at once if stored within 2 hours 1.5 seconds after that"},
	{"TZ=Asia/Tokyo 0 30 3 * * *", "Every day at 03:30 (Asia/Tokyo)"}, {" CRON_TZ=UTC  @daily ", "Every day at 00:00 (UTC)"},
	{"0 ~ * * * *", "Every hour at a fixed minute made from the job's name"},
	{"~ ~ * * MON", "Every Monday at a fixed hour and minute made from the job's name"},
	{"0 ~ 3 * * *", "Every day at a fixed minute from 03:00 to 03:59 made from the job's name"},
	{"0 ~/15 * * * *", "Every 15 minutes from a fixed minute made from the job's name on"},
	{"0 0 4 ~ * *", "On a fixed day of the month made from the job's name at 04:00"},
	{"0 ~ 9-17 * * mon", "At second 0, minute ~, hour 9-17, any month, any day of the month and day of the week MON" + hashed},
	{"~ 0 0 5,~ ? 1", "At second ~, minute 0, hour 0, any month, day of the month 5,~ or day of the week 1" + hashed},
	{"", ""}, {"x", ""}, {"0 0 24 * * *", ""}, {"TZ=Nope @daily", ""},
}

func TestDescribeSaysWhatAScheduleMeans(t *testing.T) {
	for _, c := range meanings {
		if got := cron.Describe(c[0]); got != c[1] {
			t.Errorf("%q\n got %q\nwant %q", c[0], got, c[1])
		}
	}
}

// anyFields returns a random schedule, each field in a form that people use.
func anyFields(r *rand.Rand) string {
	limits := [...][2]int{{0, 59}, {0, 59}, {0, 23}, {1, 31}, {1, 12}, {0, 6}}
	var fields []string
	for i, l := range limits {
		n := func() int { return l[0] + r.IntN(l[1]-l[0]+1) }
		a, b := n(), n()
		if a > b {
			a, b = b, a
		}
		text := "*"
		switch r.IntN(9) {
		case 0:
			text = fmt.Sprint(a)
		case 1:
			text = fmt.Sprintf("%d,%d", a, b)
		case 2:
			text = fmt.Sprintf("%d-%d", a, b)
		case 3:
			text = fmt.Sprintf("*/%d", 1+r.IntN(l[1]))
		case 4:
			text = fmt.Sprintf("%d-%d/%d", a, b, 1+r.IntN(5))
		case 5:
			text = map[int]string{3: fmt.Sprintf("%dW,L-%d", a, r.IntN(5)), 5: fmt.Sprintf("%d#%d,%dL", a, 1+r.IntN(5), b)}[i]
		case 6:
			text = map[int]string{0: "0", 1: "~", 2: "~", 3: "L"}[i]
		}
		if text == "" {
			text = "*"
		}
		fields = append(fields, text)
	}
	return strings.Join(fields, " ")
}

// meaning is some instants of a schedule, from several starts.
func meaning(t *testing.T, text string) string {
	s, err := cron.Parse(text, cron.Options{Zone: "UTC", Anchor: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for month := range 24 {
		at := time.Date(2027, time.Month(month+1), month, month, 7*month%60, 13*month%60, 0, time.UTC)
		for range 8 {
			if at = s.Next(at); at.IsZero() {
				break
			}
			out = append(out, at.Format("060102150405"))
		}
	}
	return strings.Join(out, " ")
}

func TestSchedulesThatDifferHaveOtherWords(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	seen := make(map[string][2]string)
	for i := range 30_000 {
		text := anyFields(r)
		switch {
		case i%10 == 0: // simple ones, which often mean the same as others
			text = fmt.Sprintf("0 */%d %s * * *", 1+r.IntN(30), []string{"*", "0", "*/2", "9-17"}[r.IntN(4)])
		case i%97 == 0:
			text = fmt.Sprintf("@every %ds", 60*(1+r.IntN(200)))
		}
		words := cron.Describe(text)
		if words == "" {
			t.Fatalf("%q has no words", text)
		}
		means := meaning(t, text)
		if other, ok := seen[words]; ok && other[1] != means {
			t.Fatalf("%q and %q are both %q", text, other[0], words)
		}
		seen[words] = [2]string{text, means}
	}
	if len(seen) < 10_000 {
		t.Errorf("only %d different ones", len(seen))
	}
}

func BenchmarkDescribe(b *testing.B) {
	for _, text := range []string{"0 30 3 * * *", "0 */15 9-17 * * MON-FRI", "@every 90s"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				cron.Describe(text)
			}
		})
	}
}
