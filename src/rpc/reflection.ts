/**
 * gRPC's reflection (grpc.reflection.v1): `grpcurl` and its like learn the contracts from the server. On generated code: the
 * `@grpc/reflection` package reads its .proto files at run time, and a bundle has none beside it.
 */
import { createFileRegistry, type DescFile, type FileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { DESCRIPTORS } from './generated/descriptors.ts';
import type {
  ServerReflectionRequest,
  ServerReflectionResponse,
  ServerReflectionServer,
} from './generated/grpc/reflection/v1/reflection.ts';

type Answer = Exclude<ServerReflectionResponse['messageResponse'], undefined>;

/** Tells about every contract that the server was built with. */
export const reflectionHandlers = (): ServerReflectionServer => {
  let registry: FileRegistry | null = null;
  const contracts = (): FileRegistry => {
    registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, Buffer.from(DESCRIPTORS, 'base64')));
    return registry;
  };
  return {
    serverReflectionInfo: call => {
      call.on('data', (request: ServerReflectionRequest) => {
        call.write({
          validHost: request.host,
          originalRequest: request,
          messageResponse: answer(contracts(), request.messageRequest),
        });
      });
      call.on('end', () => call.end());
    },
  };
};

const answer = (contracts: FileRegistry, asked: ServerReflectionRequest['messageRequest']): Answer => {
  switch (asked?.$case) {
    case 'listServices':
      return { $case: 'listServicesResponse', value: { service: serviceNames(contracts).map(name => ({ name })) } };
    case 'fileByFilename':
      return files(contracts.getFile(asked.value), asked.value);
    case 'fileContainingSymbol':
      return files(fileOf(contracts, asked.value), asked.value);
    case 'fileContainingExtension':
    case 'allExtensionNumbersOfType':
      return failed(status.NOT_FOUND, 'the contracts here have no extensions');
    case undefined:
      return failed(status.INVALID_ARGUMENT, 'nothing was asked');
  }
};

const serviceNames = (contracts: FileRegistry): readonly string[] =>
  [...contracts].filter(({ kind }) => kind === 'service').map(({ typeName }) => typeName);

/** Methods, fields and enum values are found in the file of what they belong to. */
const fileOf = (contracts: FileRegistry, symbol: string): DescFile | undefined => {
  const owner = symbol.slice(0, Math.max(symbol.lastIndexOf('.'), 0));
  return (contracts.get(symbol) ?? contracts.get(owner))?.file;
};

const files = (file: DescFile | undefined, asked: string): Answer =>
  file === undefined
    ? failed(status.NOT_FOUND, `no contract here has ${JSON.stringify(asked)}`)
    : { $case: 'fileDescriptorResponse', value: { fileDescriptorProto: withImports(file).map(encode) } };

/** A file and all that it imports, each once: whoever asks can't use one without the other. */
const withImports = (file: DescFile): readonly DescFile[] => {
  const seen = new Set([file]);
  for (const each of seen) for (const imported of each.dependencies) seen.add(imported);
  return [...seen];
};

const encode = ({ proto }: DescFile): Buffer => Buffer.from(toBinary(FileDescriptorProtoSchema, proto));

const failed = (errorCode: status, errorMessage: string): Answer => ({
  $case: 'errorResponse',
  value: { errorCode, errorMessage },
});
