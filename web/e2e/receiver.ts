import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A receiver of webhooks that answers as it is set to. */
export class Receiver {
  status = 200
  readonly bodies: string[] = []
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const receiver: Receiver = new Receiver(
      createServer((from, to) => {
        let body = ''
        from.on('data', (part: Buffer) => (body += part.toString()))
        from.on('end', () => {
          receiver.bodies.push(body)
          to.writeHead(receiver.status).end()
        })
      }),
    )
    await new Promise<void>(resolve => receiver.server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url() {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`
  }

  stop() {
    this.server.closeAllConnections()
    this.server.close()
  }
}
