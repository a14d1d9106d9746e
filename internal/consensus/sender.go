package consensus

import "github.com/hashicorp/raft"

// batchBytes is how many bytes of entries are sent, or applied, at once; one more entry may exceed it.
const batchBytes = 2 << 20

// sender sends entries in batches of bounded bytes. Raft bounds only their number.
type sender struct {
	carrier
	logs *logStore
}

// fit keeps the first entries of a request, and cuts off the others. Raft counts what is left in the request as sent,
// and sends the rest next.
func (s sender) fit(args *raft.AppendEntriesRequest) error {
	filled := 0
	for i, l := range args.Entries {
		full, err := s.logs.fill(l)
		if err != nil {
			return err
		}
		args.Entries[i] = full
		if filled += len(full.Data); filled >= batchBytes && i+1 < len(args.Entries) {
			args.Entries = args.Entries[:i+1]
			args.LeaderCommitIndex = min(args.LeaderCommitIndex, full.Index)
			break
		}
	}
	return nil
}

func (s sender) AppendEntries(id raft.ServerID, target raft.ServerAddress, args *raft.AppendEntriesRequest,
	resp *raft.AppendEntriesResponse) error {
	if err := s.fit(args); err != nil {
		return err
	}
	return s.carrier.AppendEntries(id, target, args, resp)
}

func (s sender) AppendEntriesPipeline(id raft.ServerID, target raft.ServerAddress) (raft.AppendPipeline, error) {
	p, err := s.carrier.AppendEntriesPipeline(id, target)
	if err != nil {
		return nil, err
	}
	return portions{p, s}, nil
}

// portions is a pipeline of such batches.
type portions struct {
	raft.AppendPipeline
	sender sender
}

func (p portions) AppendEntries(args *raft.AppendEntriesRequest, resp *raft.AppendEntriesResponse) (raft.AppendFuture, error) {
	if err := p.sender.fit(args); err != nil {
		return nil, err
	}
	return p.AppendPipeline.AppendEntries(args, resp)
}
