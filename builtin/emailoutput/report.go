package emailoutput

import (
	"fmt"

	"dkron/internal/mail"
	"dkron/plugin"
)

// maxOutput is how many bytes of an output are in a message: more is nothing to read in a mailbox.
const maxOutput = 64 << 10

// report returns the message about a result, without its recipients. Repetitions have the same id.
func report(req *plugin.ProcessRequest, prefix string) mail.Message {
	outcome := "Failed"
	if req.Success {
		outcome = "Success"
	}
	const each = "\t[Node]: %s [Start]: %s [End]: %s [Success]: %t\n"
	text := fmt.Sprintf("Executed: %s\nReporting node: %s\nStart time: %s\nEnd time: %s\nSuccess: %t\nNode: %s\nOutput: %s\nExecution group: %d\n"+each,
		req.JobName, req.ReportingNode, req.StartedAt, req.FinishedAt, req.Success, req.NodeName, shortened(req.Output, maxOutput), req.Group,
		req.NodeName, req.StartedAt, req.FinishedAt, req.Success)
	return mail.Message{
		ID:      req.JobName + "." + req.ExecutionID,
		Subject: prefix + outcome + " " + req.JobName + " execution report",
		Text:    text,
	}
}

// shortened returns head and tail of an output that is longer.
func shortened(output []byte, most int) []byte {
	if len(output) <= most {
		return output
	}
	head, tail := output[:most/2], output[len(output)-most/2:]
	return fmt.Appendf(nil, "%s\n[… %d bytes are left out here; the history of the job has more …]\n%s", head, len(output)-most, tail)
}
