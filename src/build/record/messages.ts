import { create, createFileRegistry, type DescMessage, fromBinary, type MessageInitShape } from '@bufbuild/protobuf'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import {
  type DescriptorProtoSchema,
  FileDescriptorProtoSchema,
  file_google_protobuf_timestamp,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt'
import { z } from 'zod'
import type { RecordedStatus } from './chronicle.ts'
import { type Budget, broken, RecordBroken } from './limits.ts'

const ownPackage = '.record.'

/**
 * The protobuf messages in a build record, with the fields that we read. Names and numbers are BuildKit's (Apache-2.0,
 * `api/services/control/control.proto`, `solver/pb/ops.proto`) and Google's (`google/rpc/status.proto`).
 */
const messages = {
  StatusResponse: [
    many(1, 'vertexes', 'Vertex'),
    many(2, 'statuses', 'VertexStatus'),
    many(3, 'logs', 'VertexLog'),
    many(4, 'warnings', 'VertexWarning'),
  ],
  Vertex: [
    one(1, 'digest', Type.STRING),
    many(2, 'inputs', Type.STRING),
    one(3, 'name', Type.STRING),
    one(4, 'cached', Type.BOOL),
    one(5, 'started', 'Timestamp'),
    one(6, 'completed', 'Timestamp'),
    one(7, 'error', Type.STRING),
  ],
  VertexStatus: [one(1, 'ID', Type.STRING), one(2, 'vertex', Type.STRING), one(6, 'timestamp', 'Timestamp')],
  VertexLog: [one(1, 'vertex', Type.STRING), one(2, 'timestamp', 'Timestamp'), one(4, 'msg', Type.BYTES)],
  VertexWarning: [one(1, 'vertex', Type.STRING), one(3, 'short', Type.BYTES), many(7, 'ranges', 'Range')],
  Range: [one(1, 'start', 'Position')],
  Position: [one(1, 'line', Type.INT32)],
  Status: [one(1, 'code', Type.INT32), one(2, 'message', Type.STRING), many(3, 'details', 'Detail')],
  /** `google.protobuf.Any`; BuildKit packs JSON into it under type names of its own */
  Detail: [one(1, 'typeUrl', Type.STRING), one(2, 'value', Type.BYTES)],
} as const satisfies Record<string, Field[]>

type Field = NonNullable<MessageInitShape<typeof DescriptorProtoSchema>['field']>[number]
type MessageName = keyof typeof messages

function field(number: number, name: string, type: Type | string, label: Label): Field {
  if (typeof type === 'number') return { number, name, type, label }
  const typeName = type === 'Timestamp' ? '.google.protobuf.Timestamp' : `${ownPackage}${type}`
  return { number, name, type: Type.MESSAGE, typeName, label }
}

function one(number: number, name: string, type: Type | string): Field {
  return field(number, name, type, Label.OPTIONAL)
}

function many(number: number, name: string, type: Type | string): Field {
  return field(number, name, type, Label.REPEATED)
}

const registry = createFileRegistry(
  create(FileDescriptorProtoSchema, {
    name: 'record.proto',
    package: 'record',
    syntax: 'proto3',
    dependency: ['google/protobuf/timestamp.proto'],
    messageType: Object.entries(messages).map(([name, fields]) => ({ name, field: fields })),
  }),
  () => file_google_protobuf_timestamp,
)

function messageOf(name: MessageName): DescMessage {
  const found = registry.getMessage(`record.${name}`)
  if (!found) throw new Error(`No protobuf message ${name}`)
  return found
}

const timestamp = z
  .object({ seconds: z.bigint(), nanos: z.int() })
  .optional()
  .transform((at) => (at ? Number(at.seconds) * 1000 + at.nanos / 1e6 : null))
const bytes = z.instanceof(Uint8Array)

const statusSchema = z.object({
  vertexes: z.array(
    z.object({
      digest: z.string(),
      inputs: z.array(z.string()),
      name: z.string(),
      cached: z.boolean(),
      started: timestamp,
      completed: timestamp,
      error: z.string(),
    }),
  ),
  statuses: z.array(
    z
      .object({ ID: z.string(), vertex: z.string(), timestamp })
      .transform(({ ID, vertex, timestamp: at }) => ({ id: ID, vertex, at })),
  ),
  logs: z.array(
    z
      .object({ vertex: z.string(), msg: bytes, timestamp })
      .transform(({ vertex, msg, timestamp: at }) => ({ vertex, data: msg, at })),
  ),
  warnings: z.array(
    z
      .object({
        vertex: z.string(),
        short: bytes,
        ranges: z.array(z.object({ start: z.object({ line: z.int() }).optional() })),
      })
      .transform(({ vertex, short, ranges }) => ({
        vertex,
        text: Buffer.from(short).toString('utf8'),
        line: ranges[0]?.start?.line || null,
      })),
  ),
})

/**
 * The status stream: one `StatusResponse` after the other, each behind its length in four bytes, lowest first (BuildKit
 * `solver/llbsolver/history.go`). */
export function readStatus(stream: Uint8Array, budget: Budget): RecordedStatus[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length)
  const read: RecordedStatus[] = []
  for (let at = 0; at < stream.length; ) {
    const length = at + 4 <= stream.length ? view.getUint32(at, true) : Number.POSITIVE_INFINITY
    if (at + 4 + length > stream.length) throw new RecordBroken('corrupt', 'what it tells of its steps is cut off')
    read.push(decode('StatusResponse', statusSchema, stream.subarray(at + 4, at + 4 + length), budget))
    at += 4 + length
  }
  return read
}

const errorSchema = z.object({
  code: z.int(),
  message: z.string(),
  details: z.array(z.object({ typeUrl: z.string(), value: bytes })),
})

/** The error that ended a build, with the details that BuildKit adds under type names of its own. */
export type RecordedError = z.infer<typeof errorSchema>

export function readError(bytes: Uint8Array, budget: Budget): RecordedError {
  return decode('Status', errorSchema, bytes, budget)
}

function decode<T>(name: MessageName, schema: z.ZodType<T>, bytes: Uint8Array, budget: Budget): T {
  try {
    weigh(name, bytes, budget)
    return schema.parse(fromBinary(messageOf(name), bytes, { readUnknownFields: false }))
  } catch (error) {
    throw error instanceof z.ZodError
      ? new RecordBroken('corrupt', `its ${name} is not as BuildKit writes it`)
      : broken(error)
  }
}

/** Counts what decoding would make of these bytes, before it is made: two bytes can stand for an object of hundreds. */
function weigh(name: MessageName, bytes: Uint8Array, budget: Budget): void {
  const within = innerMessages(messages[name])
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag()
    const inner = wire === WireType.LengthDelimited ? within.get(number) : undefined
    budget.fields -= inner ? 6 : 1
    if (budget.fields < 0) throw new RecordBroken('too-big', 'it tells more than any build')
    if (inner) weigh(inner, reader.bytes(), budget)
    else reader.skip(wire, number)
  }
}

/** Number of a field → the message of ours that it holds. */
function innerMessages(fields: readonly Field[]): Map<number, MessageName> {
  const found = new Map<number, MessageName>()
  for (const { number, typeName } of fields)
    if (number && typeName?.startsWith(ownPackage)) found.set(number, typeName.slice(ownPackage.length) as MessageName)
  return found
}
