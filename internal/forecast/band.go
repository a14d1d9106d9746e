package forecast

import (
	"slices"
	"time"

	"dkron/cron"
	"dkron/internal/index"
)

// BandsQuery selects due times by period and by job.
type BandsQuery struct {
	From, Until time.Time // [From, Until)
	Limit       int       // bands in all
	Selection
}

// Band is due times of a job that follow each other closely: one, or several.
type Band struct {
	From, Until time.Time // the first and the last of them, which is included
	Count       int
}

// Every returns the mean time between two of a band's due times; 0 if it has only one.
func (b Band) Every() time.Duration {
	if b.Count < 2 {
		return 0
	}
	return b.Until.Sub(b.From) / time.Duration(b.Count-1)
}

// JobBands is a job that is due in a period.
type JobBands struct {
	Job   *index.Entry
	Bands []Band // in order of time; shared with other jobs
}

// Bands is the due times of many jobs, summed up as far as necessary.
type Bands struct {
	Gap       time.Duration // due times of a job that are at most this far apart are in one band
	Jobs      []JobBands    // by name
	Total     int           // due times
	Truncated bool          // jobs are left out: there are too many, or it took too long
}

// parts is the number of bands into which a period can be divided, as long as the limit allows it. Narrower ones would
// look the same on a screen.
const parts = 256

// FindBands returns the selected due times as bands. It starts with a small gap between bands, and doubles it until
// there are not more than the limit. So a period is covered to its end, however often jobs are due.
func FindBands(x *index.Index, q *BandsQuery, deadline time.Time) *Bands {
	s := &summary{query: q, deadline: deadline, known: make(map[flock]int32)}
	s.gap = max(q.Until.Sub(q.From)/parts, time.Second).Round(time.Second)
	q.each(x, func(e *index.Entry) bool {
		if f, ok := flockOf(e, q.From, q.Until); ok {
			s.add(e, f)
		}
		return true
	})
	for i := range s.flocks {
		if !s.fire(i) {
			break
		}
	}
	return s.result()
}

// summary is a computation of bands: first which jobs fire together, then when.
type summary struct {
	query    *BandsQuery
	deadline time.Time
	gap      time.Duration
	known    map[flock]int32
	flocks   []flockBands
	jobs     []summaryJob
	total    int // bands of all jobs so far
	fired    int // flocks whose bands are known
	steps    int
}

type flockBands struct {
	flock
	jobs  int
	bands []Band
}

type summaryJob struct {
	job   *index.Entry
	flock int32
}

func (s *summary) add(e *index.Entry, f flock) {
	at, ok := s.known[f]
	if !ok {
		at = int32(len(s.flocks))
		s.known[f] = at
		s.flocks = append(s.flocks, flockBands{flock: f})
	}
	s.flocks[at].jobs++
	s.jobs = append(s.jobs, summaryJob{e, at})
}

// fire computes the bands of a flock. It returns false if that took too long; then the flock has none.
func (s *summary) fire(i int) bool {
	f := &s.flocks[i]
	b := bander{gap: s.gap, schedule: f.read()}
	inTime := f.flock.fire(b.schedule, s.query.From, s.query.Until, func(at time.Time, n int) bool {
		b.add(at, n)
		s.steps++
		return s.steps%256 != 0 || time.Now().Before(s.deadline)
	})
	if s.steps++; !inTime || s.steps%256 == 0 && time.Now().After(s.deadline) {
		return false
	}
	f.bands = b.bands()
	s.fired++
	for s.total += f.jobs * len(f.bands); s.total > s.query.Limit && s.gap <= s.query.Until.Sub(s.query.From); {
		s.widen()
	}
	return true
}

// widen doubles the gap.
func (s *summary) widen() {
	s.gap *= 2
	s.total = 0
	for i := range s.flocks[:s.fired] {
		f := &s.flocks[i]
		f.bands = join(f.bands, s.gap)
		s.total += f.jobs * len(f.bands)
	}
}

func (s *summary) result() *Bands {
	out := &Bands{Gap: s.gap, Truncated: s.fired < len(s.flocks)}
	bands := 0
	for _, j := range s.jobs {
		list := s.flocks[j.flock].bands
		if len(list) == 0 {
			continue
		}
		if bands += len(list); bands > s.query.Limit {
			out.Truncated = true
			break
		}
		out.Jobs = append(out.Jobs, JobBands{j.job, list})
		for _, b := range list {
			out.Total += b.Count
		}
	}
	return out
}

// join joins neighbours that are at most gap apart.
func join(bands []Band, gap time.Duration) []Band {
	out := bands[:0]
	for _, b := range bands {
		if last := len(out) - 1; last >= 0 && b.From.Sub(out[last].Until) <= gap {
			out[last].Until = b.Until
			out[last].Count += b.Count
		} else {
			out = append(out, b)
		}
	}
	return slices.Clip(out)
}

// bander collects counts per minute, as a tally reports them, into bands.
type bander struct {
	gap      time.Duration
	schedule *cron.Schedule
	list     []Band
	rest     int // due times of the last band after its Until, all within a minute
}

func (b *bander) add(at time.Time, n int) {
	if n > 1 && b.gap < time.Minute {
		for ; n > 0; n-- {
			b.add(at, 1)
			at = b.schedule.Next(at)
		}
		return
	}
	last := len(b.list) - 1
	if last >= 0 && b.rest > 0 && at.Sub(b.list[last].Until) > b.gap {
		b.close()
	}
	if last >= 0 && at.Sub(b.list[last].Until) <= b.gap {
		b.list[last].Until = at
		b.list[last].Count += n
	} else {
		b.list = append(b.list, Band{at, at, n})
	}
	b.rest = n - 1
}

// close finds the last due time of a band that ends in a minute with several.
func (b *bander) close() {
	last := &b.list[len(b.list)-1]
	for ; b.rest > 0; b.rest-- {
		last.Until = b.schedule.Next(last.Until)
	}
}

func (b *bander) bands() []Band {
	if b.rest > 0 {
		b.close()
	}
	return slices.Clip(b.list)
}
